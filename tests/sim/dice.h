// Chances, all from one seed.
#pragma once

#include "core/random.h"

#include <stdexcept>
#include <string>

namespace wcmp::sim {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t next() { return random_.next(); }
    std::uint64_t below(std::uint64_t bound) { return random_.next() % bound; }
    std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    // Small numbers often, and now and then one near `last`.
    std::uint64_t mostly_small(std::uint64_t last) { return below(1 + below(1 + below(last + 1))); }
    SeededRandom& random() { return random_; }

private:
    SeededRandom random_;
};

// An expectation that did not hold.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void expect(bool holds, const std::string& what) {
    if (!holds) throw Failure(what);
}

}  // namespace wcmp::sim
