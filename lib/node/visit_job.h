// One visit, as the drive's worker does it: open, sync, let go.
#pragma once

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
    std::stop_token stop;
    std::function<void(const sync::Progress&)> on_progress;
};

struct VisitReport {
    enum class End : std::uint8_t { done, unprepared, failed, removed };
    End end = End::failed;
    sync::VisitResult result{};
    std::optional<Error> error{};  // with failed
};

// The drive may be taken out when this answers done or unprepared.
VisitReport run_visit(sync::Local& local, const VisitOrder& order);

}  // namespace wcmp::node
