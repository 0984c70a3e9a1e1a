// One meeting of a store and a drive: both end up with the union of their live messages
// (lib/bundle/BUNDLE.md, section 3).
#pragma once

#include "bundle/commit.h"
#include "bundle/directory.h"
#include "bundle/selection.h"
#include "core/clock.h"
#include "core/random.h"
#include "io/file.h"
#include "message/admission.h"
#include "sync/drive_memory.h"
#include "sync/retention.h"

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace wcmp::sync {

struct VisitSettings {
    message::AdmissionRules admission{};
    bool shared = false;  // no absorption, no displacement, void files left for 10 minutes
    bool may_displace = true;
    std::uint64_t drive_bytes_max = ~std::uint64_t{0};
    std::uint64_t drive_keep_free_bytes = 0;
    std::size_t buffer_bytes = std::size_t{8} << 20;
    // What was learned of this run's drives; outlives the visit. Null: nothing is remembered, and void files
    // of shared directories stay.
    DriveMemory* memory = nullptr;
    std::chrono::nanoseconds boot_time{};  // at the start of the visit (Clock::boot_time())
};

enum class Phase : std::uint8_t { reading, checking, importing, exporting, releasing, tidying };

struct Progress {
    Phase phase = Phase::reading;
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
};

struct VisitResult {
    std::uint64_t imported = 0;
    std::uint64_t imported_bytes = 0;
    std::uint64_t exported = 0;
    std::uint64_t exported_bytes = 0;
    std::uint64_t known = 0;                                      // on both sides already
    std::array<std::uint64_t, message::verdict_count> refused{};  // by Verdict
    std::uint64_t refused_store_full = 0;                         // the store's free space is used up
    std::uint64_t refused_import_share = 0;   // its share for imports is used up: some may come in later
    std::array<std::uint64_t, 16> invalid{};  // by Errc class, wrong_hash under `bundle`
    std::uint64_t not_exported = 0;           // did not fit
    std::uint64_t displaced = 0;              // live messages that went from the drive, held by the store
    std::uint64_t displaced_bundles = 0;
    std::uint64_t wrong_bundles = 0;  // claims that did not hold, or indexes that were wrong
    std::uint64_t salvaged = 0, lost = 0;
    std::uint64_t damaged_left = 0;  // bundles not gone through: too much of the drive was read in vain
    std::uint64_t unreadable = 0;    // messages that the giving side's medium did not give
    std::uint64_t unknown_format = 0;
    bool upkeep_due = false;  // tidying would do something, as far as this visit saw
    // Another process is making a bundle here, or was in the way of ours: a visit soon after finds more.
    bool others_at_work = false;
    std::vector<bundle::Name> wrong_in_store;  // their indexes are wrong: left out, for the store to salvage
    std::uint64_t bytes_written_store = 0;
    std::uint64_t bytes_written_drive = 0;
    // What could not be written, and why (no_space, read_only, io, ...): the import happened all the same.
    std::optional<Error> export_error{};
    bool is_of_store = false;  // that error: the store could not be read, and the drive is not to blame
};

// The store's side, as the visit needs it. Implemented by the node over store::Store, and by the client over
// the socket.
class Local {
public:
    virtual ~Local() = default;
    virtual std::vector<std::shared_ptr<const bundle::Reader>> bundles() = 0;
    // Where imports are committed, and small bundles absorbed. Null: see import().
    virtual io::Directory* directory() = 0;
    // Takes one piece of messages in, durable when it answers. Here: a commit into directory(), or
    // store_failing without one. A client whose store is behind a socket sends the piece there instead.
    virtual Result<bundle::CommitResult> import(std::span<const bundle::Item> items,
                                                bundle::MessageSource& source,
                                                const bundle::CommitOptions& options);
    virtual StoreRoom room() = 0;
    virtual Retention retention() { return {}; }
    // Makes committed bundles part of the store, and unlinks what they cover.
    virtual Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                                 std::span<const MessageKey> arrived) = 0;
    // Around the writing of imports: one importer at a time. Waits for the turn; cancelled when `stop` is
    // asked for meanwhile. What bundles() answers may have changed since the plan was made: then the plan is
    // made again, so that nothing is imported twice. Reading a drive needs no turn: a slow one stops no
    // other.
    virtual Result<void> begin_import([[maybe_unused]] const std::stop_token& stop) { return {}; }
    virtual void end_import() {}
};

class Visit {
public:
    // `drive` is the folder that holds the bundles (WCMP/).
    Visit(Local& local, io::Directory& drive, const VisitSettings& settings, const message::Today& today,
          Random& random)
        : local_(local), drive_(drive), settings_(settings), today_(today), random_(random) {}

    std::function<void(const Progress&)> on_progress;

    // Reads, plans, imports, exports and syncs the drive's file system. The caller releases the drive. An
    // error means that the visit ended early; what had been committed by then counts, and is in `result`.
    Result<void> run(VisitResult& result, std::stop_token stop);

private:
    Local& local_;
    io::Directory& drive_;
    VisitSettings settings_;
    message::Today today_;
    Random& random_;
};

}  // namespace wcmp::sync
