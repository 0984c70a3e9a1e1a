// The thread on which one drive's system calls are made. A drive that does not answer holds up its own thread
// for as long as the kernel lets it, and nobody else.
#pragma once

#include "core/error.h"

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace wcmp::mountd {

class DriveWorker {
public:
    // What is to be done with the result, on the thread that runs the io_context.
    using Outcome = std::move_only_function<void()>;
    using Work = std::move_only_function<Outcome()>;

    explicit DriveWorker(boost::asio::io_context& io);
    DriveWorker(const DriveWorker&) = delete;
    DriveWorker& operator=(const DriveWorker&) = delete;
    // Does not wait. What was asked for is still done, by a thread that is left behind; outcomes are dropped.
    ~DriveWorker();

    // One after the other, in this order. The thread begins with the first: a drive that nobody asks for has
    // none. With an error the work is not done: there are as many threads as there may be (EAGAIN).
    Result<void> run(Work work);

private:
    struct Shared;
    Result<void> start();

    std::shared_ptr<Shared> shared_;
    bool started_ = false;
};

}  // namespace wcmp::mountd
