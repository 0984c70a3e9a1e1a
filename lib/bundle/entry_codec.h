// One entry of an index as it stands on the medium: id, offset, length (BUNDLE.md, section 1). The day is
// not in it: the day table says it.
#pragma once

#include "bundle/layout.h"

#include <cstring>

namespace wcmp::bundle {

// The first bits of an id, ordered as ids are: nearly every comparison ends with them.
inline std::uint64_t id_prefix(const std::uint8_t* id) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | id[i];
    return value;
}

inline std::uint32_t load_u32(const std::uint8_t* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
           bytes[3];
}

// `bytes` are bundle_entry_bytes, whatever they are: every value is representable, none is checked.
inline Entry decode_entry(const std::uint8_t* bytes, Day day) {
    Entry entry;
    entry.key.day = day;
    std::memcpy(entry.key.id.bytes.data(), bytes, MessageId::size);
    entry.offset = load_u32(bytes + 32);
    entry.length = load_u32(bytes + 36);
    return entry;
}

// Less, by id alone.
inline bool id_less(const std::uint8_t* a, const std::uint8_t* b) {
    const auto left = id_prefix(a);
    const auto right = id_prefix(b);
    return left != right ? left < right : std::memcmp(a, b, MessageId::size) < 0;
}

}  // namespace wcmp::bundle
