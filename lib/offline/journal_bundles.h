// What the journals of a store hold, as bundles in memory, so that who only reads a store finds bundles alone
// in it (lib/bundle/BUNDLE.md, section 6).
#pragma once

#include "io/file.h"
#include "sync/plan.h"

namespace wcmp::offline {

struct JournalBundles {
    sync::Readers bundles;
    std::uint64_t messages = 0;
    std::uint64_t unreadable = 0;  // journals that the medium does not give whole
};

// At most two journals' size of memory.
Result<JournalBundles> journal_bundles(const io::Directory& store);

}  // namespace wcmp::offline
