// Which claims of a drive are checked by reading (lib/bundle/BUNDLE.md, section 3, step 1).
#pragma once

#include "core/random.h"

#include <cstdint>
#include <vector>

namespace wcmp::sync {

// A uniformly random sample of one bundle's claims, drawn while they stream by (reservoir sampling).
class ClaimSample {
public:
    // Keeps at most `size` of all positions that are offered.
    explicit ClaimSample(std::size_t size) : size_(size) {}

    Result<void> offer(std::uint32_t position, Random& random);

    std::uint64_t offered() const { return offered_; }
    const std::vector<std::uint32_t>& positions() const { return positions_; }

private:
    std::size_t size_;
    std::uint64_t offered_ = 0;
    std::vector<std::uint32_t> positions_;
};

// How many claims of each bundle are checked when so many bundles carry some.
std::size_t claims_per_bundle(std::size_t bundles);

}  // namespace wcmp::sync
