// Who may write the store's bundles: one at a time, and nobody waits who need not.
#pragma once

#include "core/error.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <utility>

namespace wcmp::node {

class WriteTurn {
public:
    // on_free: called after each turn, on the thread that ends it.
    explicit WriteTurn(std::function<void()> on_free) : on_free_(std::move(on_free)) {}

    // Waits for it. Errc::cancelled when `stop` is asked for first.
    Result<void> take(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!free_.wait(lock, stop, [this] { return !taken_; }))
            return fail(Errc::cancelled, "stopped while another wrote the store");
        taken_ = true;
        return {};
    }

    bool try_take() {
        const std::lock_guard lock(mutex_);
        return !std::exchange(taken_, true);
    }

    void give_back() {
        {
            const std::lock_guard lock(mutex_);
            taken_ = false;
        }
        free_.notify_one();
        on_free_();
    }

private:
    std::mutex mutex_;
    std::condition_variable_any free_;
    bool taken_ = false;
    std::function<void()> on_free_;
};

}  // namespace wcmp::node
