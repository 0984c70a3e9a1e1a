// What is due at a time of CLOCK_BOOTTIME. The system's timer only wakes it up; what counts is the clock that
// was handed in, so that a test moves time by hand.
#pragma once

#include "core/clock.h"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wcmp::node {

// One thing that happens later, at most once for each at().
class Timers {
public:
    using Time = std::chrono::nanoseconds;
    using Slot = std::size_t;

    Timers(boost::asio::io_context& io, const Clock& clock);

    Slot add(std::function<void()> call);
    // Replaces what the slot was set to.
    void at(Slot slot, Time time);
    void in(Slot slot, Time delay) { at(slot, clock_.boot_time() + delay); }
    // Keeps the earlier of both.
    void at_latest(Slot slot, Time time);
    void cancel(Slot slot);
    bool set(Slot slot) const { return slots_[slot].set; }

    // Calls what is due. The system's timer does this; tests do it after they moved the clock.
    void run_due();

    // Nothing is called any more.
    void stop();

private:
    struct Entry {
        std::function<void()> call;
        Time time{};
        bool set = false;
    };
    void arm();

    const Clock& clock_;
    boost::asio::steady_timer timer_;
    std::vector<Entry> slots_;
    bool stopped_ = false;
};

}  // namespace wcmp::node
