// Tidying of a folder by hand: what relays leave to people where several of them write
// (lib/bundle/BUNDLE.md, sections 2 and 3).
#pragma once

#include "core/random.h"
#include "sync/upkeep.h"

namespace wcmp::client {

struct FolderTidy {
    // What is dead on it goes, a day later so that others see for themselves; without it nothing is dead.
    std::optional<Day> day{};
    std::function<void(const sync::Progress&)> on_progress{};
    std::stop_token stop{};
};

struct TidyResult {
    std::uint64_t bundles_before = 0;
    std::uint64_t bundles = 0;
    sync::UpkeepResult upkeep{};
};

// `folder` holds the bundles. What verification finds is put in order too. An error means that it ended
// early; what was done by then is in `result`.
Result<void> tidy_folder(io::Directory& folder, const FolderTidy& how, Random& random, TidyResult& result);

// Whether a folder holds bundles, whatever its name is.
bool holds_bundles(const io::Directory& folder);

}  // namespace wcmp::client
