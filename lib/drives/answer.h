// What a worker waits for and the io_context's thread gives.
#pragma once

#include "core/error.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace wcmp::drives {

template <class T>
class Answer {
public:
    // Takes the answer, if it is the first and somebody may still take it; else it stays with the caller.
    bool offer(Result<T>& answer) {
        const std::scoped_lock guard(mutex_);
        if (std::exchange(closed_, true)) return false;
        answer_.emplace(std::move(answer));
        given_.notify_one();
        return true;
    }

    void give(Result<T> answer) { offer(answer); }

    // Called once. The error when nothing came in time; what comes later is refused.
    Result<T> wait(std::chrono::milliseconds limit, const Error& too_late) {
        std::unique_lock guard(mutex_);
        given_.wait_for(guard, limit, [this] { return answer_.has_value(); });
        closed_ = true;
        if (!answer_) return std::unexpected(too_late);
        return std::move(*answer_);
    }

private:
    std::mutex mutex_;
    std::condition_variable given_;
    std::optional<Result<T>> answer_;
    bool closed_ = false;
};

}  // namespace wcmp::drives
