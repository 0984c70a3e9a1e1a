// Which claims of a drive are checked by reading (lib/bundle/BUNDLE.md, section 3, step 1).
#pragma once

#include "core/random.h"

#include <cstdint>
#include <vector>

namespace wcmp::sync {

// A uniformly random sample of one bundle's claims, drawn while they stream by: a reservoir that knows how
// many claims it will pass over until the next one that it takes, so that hardly any randomness is used.
class ClaimSample {
public:
    // Keeps at most `size` of all positions that are offered.
    explicit ClaimSample(std::size_t size) : size_(size) {}

    Result<void> offer(std::uint32_t position, Random& random) {
        if (++offered_ < next_) return {};
        return take(position, random);
    }

    std::uint64_t offered() const { return offered_; }
    const std::vector<std::uint32_t>& positions() const { return positions_; }

private:
    Result<void> take(std::uint32_t position, Random& random);
    Result<void> skip(Random& random);

    std::size_t size_;
    std::uint64_t offered_ = 0;
    std::uint64_t next_ = 1;  // the count of offers at which the next one is taken
    double largest_ = 1;      // of `size` uniform numbers, one behind each that is kept
    std::vector<std::uint32_t> positions_;
};

// How many claims of each bundle are checked when so many bundles carry some.
std::size_t claims_per_bundle(std::size_t bundles);

}  // namespace wcmp::sync
