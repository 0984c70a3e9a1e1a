#include "day_model.h"

#include <algorithm>

namespace wcmp::sim {
namespace {

constexpr std::uint32_t ahead_days = 14;
constexpr std::uint32_t first_start_days = 1096;

std::uint64_t day_of(const ManualClock& clock) {
    const auto days = std::chrono::floor<std::chrono::days>(clock.system).time_since_epoch().count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(days, 0));
}

std::string days_text(std::uint64_t is, std::uint64_t expected) {
    return std::to_string(is) + ", expected " + std::to_string(expected);
}

}  // namespace

std::uint32_t DayModel::days_since(const ManualClock& clock, std::chrono::nanoseconds since) const {
    return static_cast<std::uint32_t>((clock.boot - since) / std::chrono::hours(24));
}

std::uint64_t DayModel::limit_day(const ManualClock& clock) const {
    const auto usual = std::uint64_t{guard_.number} + days_since(clock, guard_since_) + ahead_days;
    return wide_ ? std::max<std::uint64_t>(usual, std::uint64_t{build_.number} + first_start_days) : usual;
}

// What nobody has learned is not written down: it would take the wide limit of a first start away.
void DayModel::saved(Day high_water) {
    const bool known = saved_ || learned_ || high_water > build_;
    expect(known, "a day was written down of which nothing is known");
    saved_ = high_water;
}

void DayModel::started(const ManualClock& clock, const Rules& rules) {
    const auto first = std::max(build_, saved_.value_or(build_));
    floor_ = risen_from_ = guard_ = first;
    risen_since_ = guard_since_ = clock.boot;
    operator_ = false;
    wide_ = !saved_;
    learned_ = false;
    last_ahead_.reset();
    looked(clock, rules);
}

void DayModel::looked(const ManualClock& clock, const Rules& rules) {
    const auto risen = risen_from_.number + days_since(clock, risen_since_);
    expect(rules.floor >= floor_,
           "the floor fell by itself to " + days_text(rules.floor.number, floor_.number));
    const auto limit = limit_day(clock);
    const auto system = day_of(clock);
    const bool believed = rules.trusted && rules.floor.number == system && clock.is_disciplined;
    if (!believed)
        expect(rules.floor.number == risen, "an untrusted floor: " + days_text(rules.floor.number, risen));
    if (clock.is_disciplined && system >= risen && system <= limit)
        expect(believed, "a good clock was not believed: " + days_text(rules.floor.number, system));
    if (!clock.is_disciplined) expect(rules.trusted == operator_, "trust in a clock that nobody disciplines");
    if (believed && system > limit) check_trusted(clock, rules, limit);
    if (clock.is_disciplined && system > limit && !believed) {
        if (last_ahead_) ahead_ += clock.boot - *last_ahead_;
        last_ahead_ = clock.boot;
    } else {
        last_ahead_.reset();
    }
    floor_ = rules.floor;
    if (!believed) return;
    risen_from_ = floor_;
    risen_since_ = clock.boot;
    learned_ = true;
    ahead_ = {};
}

// So far ahead it must have been disciplined for a day, in hours counted up to the whole.
void DayModel::check_trusted(const ManualClock& clock, const Rules& rules, std::uint64_t limit) {
    if (last_ahead_) ahead_ += clock.boot - *last_ahead_;
    expect(ahead_ >= std::chrono::hours(24),
           "a clock beyond the limit was believed: " + days_text(rules.floor.number, limit));
    guard_ = rules.floor;
    guard_since_ = clock.boot;
}

void DayModel::set_by_operator(const ManualClock& clock, Day day) {
    floor_ = risen_from_ = guard_ = day;
    risen_since_ = guard_since_ = clock.boot;
    operator_ = true;
    learned_ = true;
    wide_ = false;
    ahead_ = {};
    last_ahead_.reset();
}

}  // namespace wcmp::sim
