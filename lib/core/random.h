// Randomness comes in as an argument: the operating system's, or a seeded one in tests.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <utility>

namespace wcmp::core {

class Random {
public:
    virtual ~Random() = default;

    // Fills all of `into`, or fails with Errc::not_seeded and leaves nothing usable.
    virtual Result<void> fill(MutableBytes into) = 0;
};

// A uniform number in [0, bound), bound > 0, by rejection.
Result<std::uint64_t> uniform(Random& random, std::uint64_t bound);

// A uniform permutation (Fisher-Yates).
template <class Range>
Result<void> shuffle(Random& random, Range& range) {
    for (std::size_t left = range.size(); left > 1; --left) {
        const auto chosen = uniform(random, left);
        if (!chosen) return std::unexpected(chosen.error());
        std::swap(range[left - 1], range[static_cast<std::size_t>(*chosen)]);
    }
    return {};
}

// Repeatable, and not secret: SplitMix64. For tests and simulations only.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    Result<void> fill(MutableBytes into) override;
    std::uint64_t next();

private:
    std::uint64_t state_;
};

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}
