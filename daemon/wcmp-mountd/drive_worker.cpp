#include "drive_worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
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
}

DriveWorker::~DriveWorker() {
    const std::scoped_lock guard(shared_->mutex);
    shared_->io = nullptr;
    shared_->changed.notify_all();
}

Result<void> DriveWorker::run(Work work) {
    if (!started_) WCMP_TRY(start());
    const std::scoped_lock guard(shared_->mutex);
    shared_->waiting.push_back(std::move(work));
    shared_->changed.notify_all();
    return {};
}

Result<void> DriveWorker::start() try {
    std::thread([shared = shared_] {
        for (Work work; shared->take(work); work = {}) shared->deliver(work());
    }).detach();
    started_ = true;
    return {};
} catch (const std::system_error& refused) {
    return std::unexpected(error_from_errno("cannot start a thread for a drive", refused.code().value()));
}

}  // namespace wcmp::mountd
