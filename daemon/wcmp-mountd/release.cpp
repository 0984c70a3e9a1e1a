#include "release.h"

#include "block_node.h"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>

namespace wcmp::mountd {

namespace {

// Free, nobody is about to change what is on it, and nothing is left in its write cache.
Result<void> look_at(const drives::Device& device) {
    WCMP_ASSIGN(const auto node, open_node(device));
    WCMP_TRY(lock_disk(node, device.key));
    return flush_free(device);
}

}  // namespace

class Release::Wait : public std::enable_shared_from_this<Wait> {
public:
    Wait(boost::asio::io_context& io, DriveWorker& worker, drives::Device device, const ReleaseTimes& times,
         ReleaseListener listener)
        : worker_(&worker),
          device_(std::move(device)),
          times_(times),
          listener_(std::move(listener)),
          next_(times.first),
          gives_up_(std::chrono::steady_clock::now() + times.patience),
          timer_(io) {}

    void look() {
        const auto asked =
            worker_->run([device = device_, weak = weak_from_this()]() -> DriveWorker::Outcome {
                return [weak, outcome = look_at(device)] {
                    if (const auto self = weak.lock()) self->looked(outcome);
                };
            });
        if (!asked) looked(asked);
    }

private:
    void looked(const Result<void>& outcome) {
        // What is called may end this wait.
        const auto self = shared_from_this();
        if (outcome) return listener_.released();
        if (!told_ && std::chrono::steady_clock::now() >= gives_up_) {
            told_ = true;
            listener_.still_in_use(outcome.error());
        }
        timer_.expires_after(next_);
        next_ = std::min(next_ * 2, times_.longest);
        timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failed) {
            const auto waiting = weak.lock();
            if (waiting && !failed) waiting->look();
        });
    }

    DriveWorker* worker_;
    const drives::Device device_;
    const ReleaseTimes times_;
    const ReleaseListener listener_;
    std::chrono::milliseconds next_;
    const std::chrono::steady_clock::time_point gives_up_;
    bool told_ = false;
    boost::asio::steady_timer timer_;
};

Release::Release(boost::asio::io_context& io, DriveWorker& worker, drives::Device device,
                 const ReleaseTimes& times, ReleaseListener listener)
    : wait_(std::make_shared<Wait>(io, worker, std::move(device), times, std::move(listener))) {
    wait_->look();
}

Release::~Release() = default;

}  // namespace wcmp::mountd
