// The relay's recognition records (lib/api/API.md): what tells one's own messages from all others.
#pragma once

#include "core/error.h"
#include "core/ids.h"

#include <functional>
#include <vector>

namespace wcmp::client {

struct RecognitionRecord {
    std::uint8_t suite = 0;
    Day expires;
    std::uint32_t message_bytes = 0;
    MessageId id;
    bool known_suite = false;  // only then is there more
    Digest digest;
    Nonce1 nonce1;
    HintTag from_tag;
    std::vector<HintTag> to_tags;
};

// Calls `visit` for each record, always with the same object. Errc::invalid or truncated when the relay broke
// the format.
Result<void> read_recognition(ByteView bytes, const std::function<void(const RecognitionRecord&)>& visit);

}  // namespace wcmp::client
