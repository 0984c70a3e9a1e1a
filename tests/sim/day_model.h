// What day a relay may believe it is, written down a second time (lib/bundle/BUNDLE.md, section 5), and
// looser where only time tells: the limits are checked, not the way there.
#pragma once

#include "core/clock.h"
#include "dice.h"
#include "rules.h"

#include <optional>

namespace wcmp::sim {

class DayModel {
public:
    explicit DayModel(Day build) : build_(build) {}

    // What the relay said it had written down, and what it believes after that.
    void saved(Day high_water);
    // The state was lost: nothing is known any more.
    void forgot() { saved_.reset(); }

    void started(const ManualClock& clock, const Rules& rules);
    // After a look at the clock. Throws Failure.
    void looked(const ManualClock& clock, const Rules& rules);
    void set_by_operator(const ManualClock& clock, Day day);

private:
    std::uint32_t days_since(const ManualClock& clock, std::chrono::nanoseconds since) const;
    void check_trusted(const ManualClock& clock, const Rules& rules, std::uint64_t limit);
    std::uint64_t limit_day(const ManualClock& clock) const;

    Day build_;
    std::optional<Day> saved_;
    bool learned_ = false;  // in this run
    bool wide_ = false;     // in this run it holds
    Day floor_{};           // at the last look
    Day risen_from_{};
    std::chrono::nanoseconds risen_since_{};
    Day guard_{};
    std::chrono::nanoseconds guard_since_{};
    bool operator_ = false;
    std::chrono::nanoseconds ahead_{};  // for how long a disciplined clock has been beyond the limit
    std::optional<std::chrono::nanoseconds> last_ahead_;
};

}  // namespace wcmp::sim
