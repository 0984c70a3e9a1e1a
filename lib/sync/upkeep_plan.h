// What upkeep has to do in a directory: a pure function of what is known of its bundles and of the day
// (lib/bundle/BUNDLE.md, section 3, step 6, and section 6).
#pragma once

#include "bundle/reader.h"
#include "message/relay_check.h"

#include <span>
#include <vector>

namespace wcmp::sync {

// What is known of one bundle.
struct BundleFacts {
    bundle::Name name;
    std::uint64_t file_bytes = 0;
    std::uint64_t dead_bytes = 0;  // of the file: entries and messages of dead days
    std::uint32_t messages = 0;    // dead ones too
    bool all_dead = false;
    bool long_dead = false;   // some of its messages have been dead for 24 h
    bool invalid = false;     // a message in it is known not to be what the index says
    bool unreadable = false;  // it has a place that the medium does not give: another machine may read it
};

// Of a bundle whose header and day table fit. At most two entries of its index are read, of days that are
// partly dead: where they are false, it is rewritten once for nothing.
BundleFacts facts_of(const bundle::Reader& reader, const message::Today& today);

struct UpkeepRules {
    // The store keeps no small bundles, and nothing dead for longer than 24 h; bundles that are dead as a
    // whole are for whoever looks at its clock.
    bool store = false;
    // What is nearly alone joins no bundle that is not small: it would be written anew for a few messages.
    bool spare_large = false;
    // For an output, as long as its inputs are still there.
    std::uint64_t room_bytes = ~std::uint64_t{0};
};

enum class UpkeepReason : std::uint8_t { all_dead, invalid, too_many, dead_days };

// These bundles become what is live and valid in them. No bundle is in two steps.
struct UpkeepStep {
    UpkeepReason reason = UpkeepReason::too_many;
    std::vector<std::size_t> inputs;  // positions in what is known
};

struct UpkeepPlan {
    std::vector<UpkeepStep> steps;  // in this order

    // Verification comes after other work only, so it is no step.
    bool due() const { return !steps.empty(); }
};

UpkeepPlan plan_upkeep(std::span<const BundleFacts> bundles, const UpkeepRules& rules);

// Above so many bundles they are merged.
std::uint64_t bundles_bound(std::uint64_t bytes);

}  // namespace wcmp::sync
