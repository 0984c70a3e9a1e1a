// Which claims of a drive are checked by reading (lib/bundle/BUNDLE.md, section 3, step 1).
#pragma once

#include "bundle/layout.h"
#include "core/random.h"

#include <cstdint>
#include <vector>

namespace wcmp::sync {

// A uniformly random sample of one bundle's claims, drawn while they stream by: a reservoir that knows how
// many claims it will pass over until the next one that it takes, so that hardly any randomness is used.
// The entries are kept as they came by: they are not read, and hashed, a second time.
class ClaimSample {
public:
    // Keeps at most `size` of all entries that are offered.
    explicit ClaimSample(std::size_t size) : size_(size) {}

    Result<void> offer(const bundle::Entry& entry, Random& random) {
        if (++offered_ < next_) return {};
        return take(entry, random);
    }

    std::uint64_t offered() const { return offered_; }
    const std::vector<bundle::Entry>& entries() const { return entries_; }

private:
    Result<void> take(const bundle::Entry& entry, Random& random);
    Result<void> skip(Random& random);

    std::size_t size_;
    std::uint64_t offered_ = 0;
    std::uint64_t next_ = 1;  // the count of offers at which the next one is taken
    double largest_ = 1;      // of `size` uniform numbers, one behind each that is kept
    std::vector<bundle::Entry> entries_;
};

// How many claims of each bundle are checked when so many bundles carry some.
std::size_t claims_per_bundle(std::size_t bundles);

}  // namespace wcmp::sync
