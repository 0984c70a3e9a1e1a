// Recognition records (lib/api/API.md) out of indexes and sidecars. Runs on the reading worker.
#pragma once

#include "message/relay_check.h"
#include "node/service.h"
#include "store/sidecar.h"
#include "store/store.h"

#include <functional>
#include <span>

namespace wcmp::node {

inline constexpr std::size_t recognition_part_bytes = std::size_t{256} << 10;

using OpenSidecar = std::function<Result<std::shared_ptr<const store::Sidecar>>(
    const std::shared_ptr<const bundle::Reader>&)>;

struct RecognitionRequest {
    std::shared_ptr<const store::Snapshot> snapshot;
    message::Today today;
    DayRange range;
    std::size_t records_max = 0;
    OpenSidecar open_sidecar;
};

struct RecognitionRecords {
    Bytes records;
    std::size_t count = 0;
    MessageKey last{};                  // of the last record
    bool ended = false;                 // nothing is left in what was asked for
    std::size_t looked_at = 0;          // of the arrivals that were given
    std::vector<bundle::Name> damaged;  // bundles that cannot be read, or no sidecar be made of them
};

// In (day, id) order, what comes after `after`; everything without one.
RecognitionRecords scan_records(const RecognitionRequest& request, const std::optional<MessageKey>& after);

// Those of the arrivals that are held, alive and in the range.
RecognitionRecords arrival_records(const RecognitionRequest& request, std::span<const MessageKey> arrivals);

}  // namespace wcmp::node
