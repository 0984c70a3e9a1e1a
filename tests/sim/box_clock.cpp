#include "box_clock.h"

namespace wcmp::sim {
namespace {

constexpr std::int64_t seconds_a_day = 86'400;

}  // namespace

void BoxClock::set(std::int64_t offset_seconds, bool disciplined) {
    offset_ = Seconds(offset_seconds);
    disciplined_ = disciplined;
    if (disciplined && offset_seconds != 0) has_lied_ = true;
}

void BoxClock::boot(std::chrono::sys_seconds now) {
    booted_ = now;
    const std::int64_t back_to_1970 = -now.time_since_epoch().count();
    switch (kind_) {
    case Kind::right: return set(0, !dice_.one_in(4));
    case Kind::none: return set(back_to_1970, false);
    case Kind::wrong:
        return set(back_to_1970 + static_cast<std::int64_t>(dice_.below(50'000)) * seconds_a_day, false);
    case Kind::liar: return set(0, true);
    }
}

void BoxClock::upset(std::chrono::sys_seconds now) {
    const std::int64_t back_to_1970 = -now.time_since_epoch().count();
    const auto some_day = static_cast<std::int64_t>(dice_.below(50'000)) * seconds_a_day;
    switch (kind_) {
    case Kind::right: return set(0, !disciplined_ || dice_.one_in(2));
    case Kind::none:
        // Somebody with a time server passes by.
        if (dice_.one_in(3)) return set(0, true);
        return set(disciplined_ ? 0 : back_to_1970, false);
    case Kind::wrong:
        if (dice_.one_in(6)) return set(0, true);
        return set(back_to_1970 + some_day, false);
    case Kind::liar:
        if (dice_.one_in(2)) return set(0, true);
        return set(static_cast<std::int64_t>(dice_.between(1, 20)) * seconds_a_day, true);
    }
}

void BoxClock::show(ManualClock& clock, std::chrono::sys_seconds now) const {
    clock.system = now + offset_;
    clock.boot = now - booted_;
    clock.is_disciplined = disciplined_;
}

}  // namespace wcmp::sim
