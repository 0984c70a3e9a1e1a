// Runs an io_context until something has come true, and says so when it does not.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>

#include <boost/asio/io_context.hpp>
#include <pthread.h>

namespace wcmp::mountd {

inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    io.restart();
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        io.run_one_until(deadline);
        if (io.stopped()) io.restart();
    }
    return true;
}

inline std::ptrdiff_t threads_now() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// While it is there no thread can be started: none has room for a stack like this.
class NoMoreThreads {
public:
    NoMoreThreads() {
        ::pthread_getattr_default_np(&before_);
        pthread_attr_t none{};
        ::pthread_getattr_default_np(&none);
        ::pthread_attr_setstacksize(&none, std::size_t{1} << 60);
        ::pthread_setattr_default_np(&none);
        ::pthread_attr_destroy(&none);
    }
    NoMoreThreads(const NoMoreThreads&) = delete;
    NoMoreThreads& operator=(const NoMoreThreads&) = delete;
    ~NoMoreThreads() {
        ::pthread_setattr_default_np(&before_);
        ::pthread_attr_destroy(&before_);
    }

private:
    pthread_attr_t before_{};
};

}  // namespace wcmp::mountd
