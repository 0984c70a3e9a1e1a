#include "row.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace wcmp::bench {

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::size_t scaled(std::size_t count) {
    const char* const share = std::getenv("WCMP_BENCH_SHARE");
    if (share == nullptr) return count;
    const double part = std::clamp(std::strtod(share, nullptr), 0.0, 1.0);
    return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) * part));
}

void measured(benchmark::State& state, const std::function<double()>& body) {
    try {
        while (state.KeepRunning()) state.SetIterationTime(body());
    } catch (const std::exception& error) {
        state.SkipWithError(error.what());
    }
}

}  // namespace wcmp::bench
