// Time comes in as an argument: the system's in the daemon, a hand-set one in tests.
#pragma once

#include <chrono>

namespace wcmp::core {

class Clock {
public:
    virtual ~Clock() = default;

    // What the system believes the time to be. Often wrong; see lib/store/clock_trust.h.
    virtual std::chrono::sys_seconds system_time() const = 0;

    // Time since boot, suspended time included (CLOCK_BOOTTIME). Never goes back.
    virtual std::chrono::nanoseconds boot_time() const = 0;

    // True when the kernel says that its clock is disciplined (adjtimex, STA_UNSYNC clear).
    virtual bool disciplined() const = 0;
};

// A clock that stands still until it is told otherwise.
class ManualClock final : public Clock {
public:
    std::chrono::sys_seconds system{};
    std::chrono::nanoseconds boot{};
    bool is_disciplined = false;

    std::chrono::sys_seconds system_time() const override { return system; }
    std::chrono::nanoseconds boot_time() const override { return boot; }
    bool disciplined() const override { return is_disciplined; }

    void advance(std::chrono::seconds by) {
        system += by;
        boot += by;
    }
};

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}
