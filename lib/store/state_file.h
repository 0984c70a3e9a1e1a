// The store's `state`: the little that outlives a run (lib/bundle/BUNDLE.md, sections 5-7).
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "io/file.h"
#include "store/clock_trust.h"

#include <optional>

namespace wcmp::store {

struct State {
    std::optional<Day> high_water;
    std::array<std::uint8_t, 32> eviction_salt{};  // made with the store, never leaves it
    std::uint64_t eviction_threshold = ~std::uint64_t{0};
    std::optional<AheadCount> ahead;

    auto operator<=>(const State&) const = default;
};

// not_found when there is none; invalid when it is damaged.
Result<State> load_state(const io::Directory& directory);

// Write, fsync, rename, fsync, fsync of the directory.
Result<void> save_state(io::Directory& directory, const State& state);

}  // namespace wcmp::store
