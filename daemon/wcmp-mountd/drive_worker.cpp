#include "drive_worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>

namespace wcmp::mountd {

struct DriveWorker::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Work> waiting;
    boost::asio::io_context* io;  // none once nobody wants outcomes any more

    // False when there is nothing to do, and never will be.
    bool take(Work& work) {
        std::unique_lock guard(mutex);
        changed.wait(guard, [this] { return !waiting.empty() || io == nullptr; });
        if (waiting.empty()) return false;
        work = std::move(waiting.front());
        waiting.pop_front();
        return true;
    }

    void deliver(Outcome outcome) {
        const std::scoped_lock guard(mutex);
        if (io != nullptr && outcome) boost::asio::post(*io, std::move(outcome));
    }
};

DriveWorker::DriveWorker(boost::asio::io_context& io) : shared_(std::make_shared<Shared>()) {
    shared_->io = &io;
    std::thread([shared = shared_] {
        for (Work work; shared->take(work); work = {}) shared->deliver(work());
    }).detach();
}

DriveWorker::~DriveWorker() {
    const std::scoped_lock guard(shared_->mutex);
    shared_->io = nullptr;
    shared_->changed.notify_all();
}

void DriveWorker::run(Work work) {
    const std::scoped_lock guard(shared_->mutex);
    shared_->waiting.push_back(std::move(work));
    shared_->changed.notify_all();
}

}  // namespace wcmp::mountd
