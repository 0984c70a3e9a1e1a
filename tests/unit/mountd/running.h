// Runs an io_context until something has come true, and says so when it does not.
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/io_context.hpp>

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

}  // namespace wcmp::mountd
