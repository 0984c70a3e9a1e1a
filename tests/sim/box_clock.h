// The clock of a box as the world has it: right, none, wrong, or a liar that the kernel believes.
#pragma once

#include "core/clock.h"
#include "dice.h"

namespace wcmp::sim {

using Seconds = std::chrono::seconds;

class BoxClock {
public:
    enum class Kind : std::uint8_t { right, none, wrong, liar };

    BoxClock(Kind kind, std::uint64_t seed) : kind_(kind), dice_(seed) {}

    void boot(std::chrono::sys_seconds now);
    // What people and networks do to it: a time server is found or lost, somebody sets it.
    void upset(std::chrono::sys_seconds now);
    // Shows what the box sees now.
    void show(ManualClock& clock, std::chrono::sys_seconds now) const;

    // Whether it ever said, and the kernel believed it, another day than it is.
    bool has_lied() const { return has_lied_; }

private:
    void set(std::int64_t offset_seconds, bool disciplined);

    Kind kind_;
    Dice dice_;
    std::chrono::sys_seconds booted_{};
    Seconds offset_{};  // of the system's time from the true one
    bool disciplined_ = false;
    bool has_lied_ = false;
};

}  // namespace wcmp::sim
