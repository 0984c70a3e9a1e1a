// Bundles of drives that were found wrong in this run (lib/bundle/BUNDLE.md, section 3, step 1).
#pragma once

#include "bundle/name.h"

#include <cstdint>
#include <mutex>
#include <set>

namespace wcmp::sync {

// Their claims to hold a message do not count while they have this name and size. In memory only. Safe from
// any thread: several drives may be visited at once.
class Distrust {
public:
    bool contains(const bundle::Name& name, std::uint64_t size) const;
    void add(const bundle::Name& name, std::uint64_t size);
    void remove(const bundle::Name& name);

private:
    mutable std::mutex mutex_;
    std::set<std::pair<bundle::Name, std::uint64_t>> wrong_;
};

}  // namespace wcmp::sync
