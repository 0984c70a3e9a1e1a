// A store put in order from end to end, while no relay works in it: the journals are folded, what is damaged
// is salvaged, what is dead leaves, and small bundles become few (lib/bundle/BUNDLE.md, sections 3, 6 and 8).
#pragma once

#include "store/store.h"
#include "sync/upkeep.h"

#include <functional>
#include <stop_token>

namespace wcmp::offline {

struct CompactStore {
    Day build_day;  // no clock is believed below it
    std::function<void(const sync::Progress&)> on_progress{};
    std::stop_token stop{};
};

struct BundleSum {
    std::uint64_t bundles = 0;
    std::uint64_t bytes = 0;  // of their files
};

struct CompactResult {
    BundleSum before;
    BundleSum after;
    store::OpenReport opened{};
    std::uint64_t folded = 0;        // messages that were in the journals
    std::uint64_t journal_left = 0;  // and that are still there: no room
    sync::UpkeepResult upkeep{};
    bool lacks_room = false;  // something is due for which the disk has no room
};

// Takes the store's lock (Errc::busy: a relay works in it). not_found: this is no store, and nothing is made.
// Other errors are the medium's, or cancelled; what was done by then is in `result`, and the store is whole.
Result<void> compact_store(std::unique_ptr<io::Directory> directory, const CompactStore& how,
                           store::World world, CompactResult& result);

}  // namespace wcmp::offline
