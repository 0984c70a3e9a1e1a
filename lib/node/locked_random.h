// One source of randomness for several threads.
#pragma once

#include "core/random.h"

#include <mutex>

namespace wcmp::node {

class LockedRandom final : public Random {
public:
    explicit LockedRandom(Random& random) : random_(random) {}

    Result<void> fill(MutableBytes into) override {
        const std::lock_guard lock(mutex_);
        return random_.fill(into);
    }

private:
    std::mutex mutex_;
    Random& random_;
};

}  // namespace wcmp::node
