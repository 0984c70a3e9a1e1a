// What this run has learned of the drives it met. In memory only, and the same for all drives: a bundle is
// what it is wherever it lies. Safe from any thread: several drives may be visited at once.
#pragma once

#include "bundle/name.h"
#include "io/file.h"
#include "sync/distrust.h"

#include <chrono>
#include <map>

namespace wcmp::sync {

// When bundles had a turn at having their claims checked (lib/bundle/BUNDLE.md, section 3, step 1).
class CheckTurns {
public:
    // The number of the last turn; 0 for a bundle that had none.
    std::uint64_t last(const bundle::Name& name, std::uint64_t size) const;
    void note(const bundle::Name& name, std::uint64_t size);

private:
    mutable std::mutex mutex_;
    std::uint64_t turns_ = 0;
    std::map<std::pair<bundle::Name, std::uint64_t>, std::uint64_t> last_;
};

// Void files in directories that others write too: one that nobody goes on with may go (section 8).
class VoidSightings {
public:
    static constexpr std::chrono::minutes wait{10};

    // True when this very file, unchanged, was seen at least 10 minutes ago (CLOCK_BOOTTIME) for the first
    // time.
    bool is_abandoned(const bundle::Name& name, const io::FileStatus& status, std::chrono::nanoseconds now);

private:
    struct Sighting {
        io::FileStatus status;
        std::chrono::nanoseconds first{};
    };
    using Place = std::pair<bundle::Name, std::pair<std::uint64_t, std::uint64_t>>;  // device and inode

    std::mutex mutex_;
    std::map<Place, Sighting> seen_;
};

struct DriveMemory {
    Distrust distrust;
    CheckTurns turns;
    VoidSightings voids;
};

}  // namespace wcmp::sync
