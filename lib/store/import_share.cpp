#include "store/import_share.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace wcmp::store {
namespace {

constexpr double rounding = 0.001;  // of a byte, or a second

}  // namespace

std::uint64_t ImportShare::capacity(Drawer drawer, std::uint64_t quota) {
    return drawer == Drawer::imports ? quota / 32 * 3 : quota / 32;
}

double ImportShare::drawn(Drawer drawer, std::uint64_t quota, std::chrono::nanoseconds now) const {
    const auto& part = parts_[std::to_underlying(drawer)];
    const std::chrono::duration<double> passed = now - part.at;
    const std::chrono::duration<double> all = refill_time;
    const auto refilled = static_cast<double>(capacity(drawer, quota)) * (passed / all);
    return std::max(0.0, part.drawn - std::max(0.0, refilled));
}

std::uint64_t ImportShare::available(Drawer drawer, std::uint64_t quota, std::chrono::nanoseconds now) const {
    const auto all = static_cast<double>(capacity(drawer, quota));
    return static_cast<std::uint64_t>(std::max(0.0, all - drawn(drawer, quota, now) + rounding));
}

void ImportShare::draw(Drawer drawer, std::uint64_t bytes, std::uint64_t quota,
                       std::chrono::nanoseconds now) {
    if (bytes == 0) return;
    parts_[std::to_underlying(drawer)] = {drawn(drawer, quota, now) + static_cast<double>(bytes), now};
}

std::chrono::seconds ImportShare::wait_for(Drawer drawer, std::uint64_t bytes, std::uint64_t quota,
                                           std::chrono::nanoseconds now) const {
    const auto all = static_cast<double>(capacity(drawer, quota));
    const auto wanted = std::min(static_cast<double>(bytes), all);
    const auto missing = wanted - (all - drawn(drawer, quota, now));
    if (missing <= 0) return std::chrono::seconds(0);
    const std::chrono::duration<double> whole = refill_time;
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::ceil(whole.count() * (missing / all) - rounding)));
}

}  // namespace wcmp::store
