// The system's clocks and its random source.
#pragma once

#include "core/clock.h"
#include "core/random.h"

namespace wcmp::io {

class SystemClock final : public Clock {
public:
    std::chrono::sys_seconds system_time() const override;
    std::chrono::nanoseconds boot_time() const override;
    bool disciplined() const override;
};

// getrandom(2). Errc::not_seeded instead of waiting for a seed.
class SystemRandom final : public Random {
public:
    Result<void> fill(MutableBytes into) override;
};

}  // namespace wcmp::io
