// One entry of an index as it stands on the medium: id, offset, length (BUNDLE.md, section 1). The day is
// not in it: the day table says it.
#pragma once

#include "bundle/layout.h"

#include <bit>
#include <cstring>

namespace wcmp::bundle {

// The first bits of an id, ordered as ids are: nearly every comparison ends with them.
inline std::uint64_t id_prefix(const std::uint8_t* id) {
    std::uint64_t value = 0;
    std::memcpy(&value, id, sizeof value);
    return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

inline std::uint32_t load_u32(const std::uint8_t* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
           bytes[3];
}

// `bytes` are bundle_entry_bytes, whatever they are: every value is representable, none is checked.
inline void decode_entry(const std::uint8_t* bytes, Day day, Entry& entry) {
    entry.key.day = day;
    std::memcpy(entry.key.id.bytes.data(), bytes, MessageId::size);
    entry.offset = load_u32(bytes + 32);
    entry.length = load_u32(bytes + 36);
}

// By id alone, as memcmp(3): negative, zero or positive. Word by word, for there are two of each in every
// join, and a call takes longer.
inline int compare_ids(const std::uint8_t* a, const std::uint8_t* b) {
    for (std::size_t at = 0; at < MessageId::size; at += 8) {
        const auto left = id_prefix(a + at);
        const auto right = id_prefix(b + at);
        if (left != right) return left < right ? -1 : 1;
    }
    return 0;
}
static_assert(MessageId::size % 8 == 0);

}  // namespace wcmp::bundle
