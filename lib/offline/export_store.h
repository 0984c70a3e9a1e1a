// All live messages of a store, given to a folder while no relay works in the store: a visit that goes one
// way (lib/bundle/BUNDLE.md, section 3). The store is only read.
#pragma once

#include "core/clock.h"
#include "sync/visit.h"

#include <functional>
#include <stop_token>

namespace wcmp::offline {

struct ExportStore {
    Day build_day;  // no clock is believed below it
    std::function<void(const sync::Progress&)> on_progress{};
    std::stop_token stop{};
};

struct ExportResult {
    sync::VisitResult visit{};
    std::uint64_t journal_messages = 0;  // of the store's, those that are in no bundle yet
    // Bundles of the store with a header or an index that is wrong or cannot be read: left out, for salvage
    // writes the store.
    std::uint64_t damaged = 0;
    std::uint64_t unknown_format = 0;  // bundles of the store
    std::uint64_t unreadable_journals = 0;

    // Messages of the store that did not come out of it.
    std::uint64_t bad_messages() const;
    bool is_store_whole() const { return damaged + unreadable_journals + bad_messages() == 0; }
};

// `folder` gets what it lacks; what it holds already stays. The caller holds the store's lock. What could not
// be written to the folder is in `result.visit`. An error means that it ended early: the store cannot be
// read, or cancelled. not_found: this is no store.
Result<void> export_store(const io::Directory& store, io::Directory& folder, const ExportStore& how,
                          const Clock& clock, Random& random, ExportResult& result);

}  // namespace wcmp::offline
