// What follows from the day: dead messages go, the high-water day is kept, people are told.
#pragma once

#include "node/view.h"

namespace wcmp::node {

class ClockWatch {
public:
    static constexpr auto look_every = std::chrono::minutes(5);

    // After a start it takes a while to find a time server: nobody needs to be called for that.
    static constexpr auto time_to_sync = std::chrono::minutes(10);

    ClockWatch(Context& context, View& view);

    // Looks at the clock now, and then every few minutes.
    void look();
    Result<void> set_by_operator(Day today);
    // An importer has ended: what waited for its turn goes on.
    void turn_is_free();

private:
    void drop_dead();
    void save();
    void tell();
    void warn_when_unsynced();

    Context& context_;
    View& view_;
    std::chrono::nanoseconds started_;
    Timers::Slot next_look_;
    bool saving_ = false;
    bool drop_blocked_ = false;   // until the turn is free
    bool turn_was_free_ = false;  // since the removal began
};

}  // namespace wcmp::node
