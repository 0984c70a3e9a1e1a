// A thread that does one thing after the other, so that the node's own thread never waits for a disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wcmp::node {

using Task = std::move_only_function<void()>;

class Worker {
public:
    Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    // Finishes what was posted, then ends.
    ~Worker();

    // From any thread.
    void post(Task task);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool ending_ = false;
    std::thread thread_;  // last: it uses the rest
};

}  // namespace wcmp::node
