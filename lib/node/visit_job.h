// One visit, as the drive's worker does it: open, sync, let go.
#pragma once

#include "drives/metered_directory.h"
#include "drives/source.h"
#include "node/local_store.h"
#include "sync/visit.h"

#include <optional>

namespace wcmp::node {

struct VisitOrder {
    drives::Source& source;
    drives::DriveId drive;
    std::string folder = "WCMP";
    bool adopt_any = false;
    std::uint64_t keep_free_bytes = 0;  // 0: the smaller of 64 MiB and 1/16 of the file system
    sync::VisitSettings settings;
    message::Today today;
    Random& random;
    std::stop_source stop;  // asked by others, and by the visit itself when it has used up its bytes
    std::uint64_t bytes_max = ~std::uint64_t{0};  // read and written together
    std::shared_ptr<drives::Pulse> pulse = std::make_shared<drives::Pulse>();
    std::function<void(const sync::Progress&)> on_progress;
};

struct VisitReport {
    enum class End : std::uint8_t { done, unprepared, failed, removed };
    End end = End::failed;
    sync::VisitResult result{};
    std::optional<Error> error{};  // with failed
    bool used_up = false;          // it was ended because it had read and written as much as it may
    bool still_in_use = false;  // everything is closed, but the source could not release the drive: however
                                // it ended, it must not be taken out yet
};

// The drive may be taken out when this answers done or unprepared: the source has released it by then. A
// drive on which a write or a sync failed is never `done`, whatever was said later.
VisitReport run_visit(sync::Local& local, const VisitOrder& order);

// Takes the drive once more, after its visit. That it was cut short, or that there is no room, is no failure:
// what was done counts.
VisitReport run_tidying(const VisitOrder& order);

}  // namespace wcmp::node
