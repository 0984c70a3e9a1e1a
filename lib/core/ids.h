// The names of things. Each is a type of its own: an id is not a digest, a day is not a count.
#pragma once

#include "core/bytes.h"

#include <cstring>
#include <functional>

namespace wcmp::core {

// SHA-256 of a whole message: what relays deduplicate and sort by (lib/message/FORMAT.md, section 3).
using MessageId = FixedBytes<struct MessageIdTag, 32>;

// SHA-256 of everything before a message's slots: what receivers deduplicate by.
using Digest = FixedBytes<struct DigestTag, 32>;

// SHA-256 over a bundle's day table and index (lib/bundle/BUNDLE.md, section 1).
using IndexHash = FixedBytes<struct IndexHashTag, 32>;

// The random start of a message, and the truncated HMACs by which it is recognised.
using Nonce1 = FixedBytes<struct Nonce1Tag, 16>;
using HintTag = FixedBytes<struct HintTagTag, 16>;

// Days since 1970-01-01 UTC. A message that expires on day d is dead from 00:00 UTC of d.
struct Day {
    std::uint32_t number = 0;

    auto operator<=>(const Day&) const = default;
};

// Where a message stands in every index: by day of expiry, then by id.
struct MessageKey {
    Day day;
    MessageId id;

    auto operator<=>(const MessageKey&) const = default;
};

}  // namespace wcmp::core

// Ids are hashes already: their first bytes are as good a table index as any.
template <class Tag, std::size_t N>
    requires(N >= sizeof(std::size_t))
struct std::hash<wcmp::core::FixedBytes<Tag, N>> {
    std::size_t operator()(const wcmp::core::FixedBytes<Tag, N>& value) const noexcept {
        std::size_t result = 0;
        std::memcpy(&result, value.bytes.data(), sizeof result);
        return result;
    }
};

namespace wcmp {
using namespace core;
}
