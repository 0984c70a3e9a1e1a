// Which bundles a full drive gives up for what it lacks: a pure function (lib/bundle/BUNDLE.md, section 3,
// step 4).
#pragma once

#include "core/random.h"

#include <vector>

namespace wcmp::sync {

struct FullDrive {
    struct Bundle {
        std::uint64_t file_bytes = 0;
        bool held = false;  // the store has every live message of it, as far as indexes tell
    };
    std::vector<Bundle> bundles;      // all that are on it
    std::uint64_t room_bytes = 0;     // for what is new
    std::uint64_t missing_bytes = 0;  // with room_bytes = 0: so much has to go before anything has room
    std::uint64_t wanted_bytes = 0;   // of all that it lacks, in files
};

// How much of a drive with so many bytes of bundles may be displaced in one visit.
std::uint64_t displaced_bytes_max(std::uint64_t bundle_bytes);

// Positions of the bundles to displace, at random and no more than needed. None unless less has room than is
// wanted and may be displaced; none either where all that may go would give no room.
Result<std::vector<std::size_t>> choose_displaced(const FullDrive& drive, Random& random);

}  // namespace wcmp::sync
