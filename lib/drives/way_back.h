// How a thread that may be left behind comes back to the io_context: nowhere, once the way is closed.
#pragma once

#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace wcmp::drives {

class WayBack {
public:
    explicit WayBack(boost::asio::io_context& io) : io_(&io) {}

    // From any thread; does nothing once the way is closed.
    template <class Task>
    void post(Task task) {
        const std::scoped_lock guard(mutex_);
        if (io_ != nullptr) boost::asio::post(*io_, std::move(task));
    }

    // Before the io_context goes.
    void close() {
        const std::scoped_lock guard(mutex_);
        io_ = nullptr;
    }

private:
    std::mutex mutex_;
    boost::asio::io_context* io_;
};

}  // namespace wcmp::drives
