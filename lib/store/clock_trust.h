// What day it is, on a box whose clock may be wrong: pure rules (lib/bundle/BUNDLE.md, section 5).
#pragma once

#include "core/clock.h"
#include "core/error.h"
#include "core/ids.h"
#include "message/relay_check.h"

#include <optional>
#include <string_view>

namespace wcmp::store {

enum class Trust : std::uint8_t { none, synced, operator_set };
std::string_view to_string(Trust trust);  // "none", "synced", "operator"

enum class ClockWarning : std::uint8_t { none, clock_behind, clock_ahead };

// Hours for which a far-ahead clock has been disciplined, kept in `state` so that restarts count together.
struct AheadCount {
    std::uint32_t hours = 0;
    Day day;  // the system day at the last count
    auto operator<=>(const AheadCount&) const = default;
};

class ClockTrust {
public:
    struct Start {
        Day build_day;
        std::optional<Day> high_water;  // none: first start, empty store
        bool trust_rtc = false;
        std::optional<AheadCount> ahead{};
    };
    // Looks at the clock once.
    ClockTrust(const Start& start, const Clock& clock);

    // Looks at the clock again. Call at least once an hour.
    void update(const Clock& clock);

    // The operator says so. Errc::refused below the build day. The system day counts again from the next
    // update() on, if it is synced and in range.
    Result<void> set_by_operator(Day today, const Clock& clock);

    Day floor() const { return floor_.day; }
    Day guard() const { return guard_.day; }
    Trust trust() const { return trust_; }
    // Where the system day stands. None while the operator's word holds.
    ClockWarning warning() const { return warning_; }
    const std::optional<AheadCount>& ahead() const { return ahead_; }

    // What `state` should hold as the high-water day. None on a first start that has learned nothing yet:
    // what is written then would take the wide limit of a first start from the next one.
    std::optional<Day> high_water() const;

    message::Today today() const;

private:
    // A day that rises by the whole days of CLOCK_BOOTTIME since it was set.
    struct RisingDay {
        Day day;
        std::chrono::nanoseconds since{};

        void set(Day to, std::chrono::nanoseconds now);
        void rise(std::chrono::nanoseconds now);
    };

    std::uint64_t limit_day() const;
    void believe(Day system, std::chrono::nanoseconds now);
    void count_ahead(Day system, const Clock& clock);
    bool as_expected(Day system, std::chrono::nanoseconds now) const;
    void credit_hours(Day system, std::chrono::nanoseconds now);

    Start start_;
    RisingDay floor_;
    RisingDay guard_;
    Trust trust_ = Trust::none;
    ClockWarning warning_ = ClockWarning::none;
    bool operator_set_ = false;
    bool learned_ = false;  // the clock was trusted, or the operator spoke, in this run

    std::optional<AheadCount> ahead_;
    std::optional<std::chrono::nanoseconds> expected_since_;  // boot time at which ahead_->day was seen
    std::optional<std::chrono::nanoseconds> counting_since_;  // none while the clock is not disciplined
};

}  // namespace wcmp::store
