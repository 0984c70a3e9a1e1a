// Keeps the node's day: looks at the clock, says what follows from it, and what must be remembered.
#pragma once

#include "store/clock_trust.h"
#include "store/state_file.h"

#include <chrono>
#include <optional>

namespace wcmp::node {

class ClockKeeper {
public:
    // What a look at the clock changed.
    struct Change {
        bool dead_may_differ = false;  // the floor rose, or trust began: look for what is dead now
        bool trust = false;
        bool warning = false;
    };

    ClockKeeper(const store::ClockTrust& trust, const Clock& clock);

    Change update();
    Result<void> set_by_operator(Day today);

    message::Today today() const { return trust_.today(); }
    store::Trust trust() const { return trust_.trust(); }
    store::ClockWarning warning() const { return trust_.warning(); }

    // The state to save, when it differs from what is saved. The high-water day is written at most once a
    // day.
    std::optional<store::State> to_save(const store::State& saved);

private:
    store::ClockTrust trust_;
    const Clock& clock_;
    std::optional<std::chrono::nanoseconds> high_water_saved_;
    bool set_by_operator_ = false;
};

}  // namespace wcmp::node
