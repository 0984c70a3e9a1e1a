// What day it is, on a box whose clock may be wrong: pure rules (lib/bundle/BUNDLE.md, section 5).
#pragma once

#include "core/clock.h"
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
    ClockTrust(const Start& start, const Clock& clock);

    // Looks at the clock again. Call at least once an hour.
    void update(const Clock& clock);

    // The operator says so. Errc::refused below the build day.
    Result<void> set_by_operator(Day today, const Clock& clock);

    Day floor() const { return floor_; }
    Day guard() const { return guard_; }
    Trust trust() const { return trust_; }
    ClockWarning warning() const { return warning_; }
    const std::optional<AheadCount>& ahead() const { return ahead_; }

    message::Today today() const;

private:
    Start start_;
    Day floor_;
    Day guard_;
    Day guard_at_anchor_;
    Day floor_at_anchor_;
    std::chrono::nanoseconds guard_anchor_{};
    std::chrono::nanoseconds floor_anchor_{};
    std::chrono::nanoseconds ahead_anchor_{};
    Trust trust_ = Trust::none;
    ClockWarning warning_ = ClockWarning::none;
    bool operator_set_ = false;
    std::optional<AheadCount> ahead_;
};

}  // namespace wcmp::store
