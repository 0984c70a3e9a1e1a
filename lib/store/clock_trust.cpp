#include "store/clock_trust.h"

#include "core/limits.h"

#include <algorithm>
#include <limits>

namespace wcmp::store {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds one_day = std::chrono::hours(24);
constexpr nanoseconds one_hour = std::chrono::hours(1);

// BUNDLE.md, section 5.
constexpr std::uint32_t ahead_days_max = 14;
constexpr std::uint32_t first_start_days_max = 1096;
constexpr std::uint32_t confirmation_hours = 24;

// Two looks further apart than this say nothing of the time between them: the machine was suspended.
constexpr nanoseconds observed_gap_max = 2 * one_hour;

Day clamped_day(std::int64_t days) {
    constexpr std::int64_t last = std::numeric_limits<std::uint32_t>::max();
    return Day{static_cast<std::uint32_t>(std::clamp<std::int64_t>(days, 0, last))};
}

Day system_day(const Clock& clock) {
    const auto days = std::chrono::floor<std::chrono::days>(clock.system_time());
    return clamped_day(days.time_since_epoch().count());
}

}  // namespace

std::string_view to_string(Trust trust) {
    switch (trust) {
    case Trust::none: return "none";
    case Trust::synced: return "synced";
    case Trust::operator_set: return "operator";
    }
    return "none";
}

void ClockTrust::RisingDay::set(Day to, nanoseconds now) {
    day = to;
    since = now;
}

void ClockTrust::RisingDay::rise(nanoseconds now) {
    const auto days = std::max<std::int64_t>(0, (now - since) / one_day);
    day = clamped_day(std::int64_t{day.number} + days);
    since += days * one_day;
}

ClockTrust::ClockTrust(const Start& start, const Clock& clock) : start_(start), ahead_(start.ahead) {
    const auto first = std::max(start.build_day, start.high_water.value_or(start.build_day));
    floor_.set(first, clock.boot_time());
    guard_.set(first, clock.boot_time());
    update(clock);
}

std::uint64_t ClockTrust::limit_day() const {
    const auto usual = std::uint64_t{guard_.day.number} + ahead_days_max;
    if (start_.high_water || operator_set_) return usual;
    return std::max(usual, std::uint64_t{start_.build_day.number} + first_start_days_max);
}

void ClockTrust::update(const Clock& clock) {
    const auto now = clock.boot_time();
    floor_.rise(now);
    guard_.rise(now);
    trust_ = operator_set_ ? Trust::operator_set : Trust::none;

    const auto system = system_day(clock);
    if (system.number > limit_day()) count_ahead(system, clock);
    const bool behind = system < floor_.day;
    const bool beyond = system.number > limit_day();
    if (behind && clock.disciplined()) ahead_.reset();
    if (!behind && !beyond && (clock.disciplined() || start_.trust_rtc)) believe(system, now);

    warning_ = behind ? ClockWarning::clock_behind : beyond ? ClockWarning::clock_ahead : ClockWarning::none;
    if (trust_ == Trust::operator_set) warning_ = ClockWarning::none;
}

// Set anew even where the day is the same: a clock that is being slewed must not fall behind its own floor.
void ClockTrust::believe(Day system, nanoseconds now) {
    floor_.set(system, now);
    trust_ = Trust::synced;
    learned_ = true;
    ahead_.reset();
    counting_since_.reset();
}

// A clock far ahead is believed after 24 h of discipline in all. Only the kernel's word counts here: a
// trusted RTC would be confirmed by uptime alone.
void ClockTrust::count_ahead(Day system, const Clock& clock) {
    const auto now = clock.boot_time();
    if (!clock.disciplined()) {
        counting_since_.reset();
        return;
    }
    if (!ahead_ || !as_expected(system, now)) {
        ahead_ = AheadCount{0, system};
        counting_since_.reset();
        expected_since_ = now;
    }
    if (!expected_since_) {  // the count of an earlier run goes on
        ahead_->day = system;
        expected_since_ = now;
    }
    credit_hours(system, now);
    if (ahead_->hours < confirmation_hours) return;
    guard_.set(system, now);
    believe(system, now);
}

// Within a run the day must go as uptime does. Between runs it may only have gone forward.
bool ClockTrust::as_expected(Day system, nanoseconds now) const {
    const std::int64_t day = system.number;
    if (!expected_since_) return day + 1 >= std::int64_t{ahead_->day.number};
    const auto expected = std::int64_t{ahead_->day.number} + (now - *expected_since_) / one_day;
    return std::abs(day - expected) <= 1;
}

void ClockTrust::credit_hours(Day system, nanoseconds now) {
    if (!counting_since_ || now - *counting_since_ > observed_gap_max) {
        counting_since_ = now;
        return;
    }
    const auto hours = (now - *counting_since_) / one_hour;
    if (hours == 0) return;
    *counting_since_ += hours * one_hour;
    ahead_->hours += static_cast<std::uint32_t>(hours);
    ahead_->day = system;
    expected_since_ = now;
}

Result<void> ClockTrust::set_by_operator(Day today, const Clock& clock) {
    if (today < start_.build_day) return fail(Errc::refused, "the day lies before this program was built");
    floor_.set(today, clock.boot_time());
    guard_.set(today, clock.boot_time());
    operator_set_ = true;
    learned_ = true;
    trust_ = Trust::operator_set;
    warning_ = ClockWarning::none;
    ahead_.reset();
    counting_since_.reset();
    expected_since_.reset();
    return {};
}

std::optional<Day> ClockTrust::high_water() const {
    if (!start_.high_water && !learned_ && floor_.day == start_.build_day) return std::nullopt;
    return floor_.day;
}

message::Today ClockTrust::today() const {
    message::Today result{floor_.day, std::nullopt};
    if (trust_ != Trust::none) result.trusted = floor_.day;
    return result;
}

}  // namespace wcmp::store
