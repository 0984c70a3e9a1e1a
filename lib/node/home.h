// The way back to the node's thread: work is done on a worker, its result arrives at home.
#pragma once

#include "node/worker.h"

#include <cstddef>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace wcmp::node {

class Home {
public:
    explicit Home(boost::asio::io_context& io) : io_(io) {}

    // From any thread: runs at home, never from inside this call.
    void post(Task task) { boost::asio::post(io_, std::move(task)); }

    // From home: work() runs on the worker, then(result) at home.
    template <class Work, class Then>
    void run(Worker& worker, Work work, Then then) {
        ++out_;
        worker.post([this, work = std::move(work), then = std::move(then)]() mutable {
            auto result = work();
            post([this, result = std::move(result), then = std::move(then)]() mutable {
                then(std::move(result));
                --out_;
                tell_when_idle();
            });
        });
    }

    // Calls once, when no piece of work is out; perhaps at once, never from inside this call.
    void when_idle(Task call) {
        on_idle_ = std::move(call);
        post([this] { tell_when_idle(); });
    }

private:
    void tell_when_idle() {
        if (out_ == 0 && on_idle_) std::exchange(on_idle_, nullptr)();
    }

    boost::asio::io_context& io_;
    std::size_t out_ = 0;  // pieces of work that have not come back yet
    Task on_idle_;
};

}  // namespace wcmp::node
