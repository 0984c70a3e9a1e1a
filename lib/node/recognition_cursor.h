// Where a client stands in what there is to recognise (lib/api/API.md, "Cursors"). Opaque outside.
#pragma once

#include "core/error.h"
#include "core/ids.h"

#include <optional>
#include <string>

namespace wcmp::node {

// Tells this run of the daemon from others.
using RunNonce = FixedBytes<struct RunNonceTag, 8>;

struct RecognitionCursor {
    enum class Scan : std::uint8_t { start, after, end };

    Scan scan = Scan::start;
    MessageKey after{};      // with Scan::after: the last key that was sent
    std::uint64_t ring = 0;  // the arrivals to follow once the scan has ended

    auto operator<=>(const RecognitionCursor&) const = default;
};

std::string encode_cursor(const RunNonce& nonce, const RecognitionCursor& cursor);

// Errc::invalid: not a cursor. Errc::expired: of another run.
Result<RecognitionCursor> decode_cursor(const RunNonce& nonce, std::string_view text);

}  // namespace wcmp::node
