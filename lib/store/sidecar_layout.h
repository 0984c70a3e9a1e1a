// The bytes of a sidecar (see sidecar.h). For the sidecar's own sources.
#pragma once

#include "core/bytes.h"

namespace wcmp::store {

inline constexpr std::array<std::uint8_t, 8> sidecar_magic{'W', 'C', 'M', 'P', 'R', 'E', 'C', '1'};
inline constexpr std::size_t sidecar_header_bytes = 8 + 32 + 4 + 4;

constexpr std::size_t sidecar_record_bytes(std::uint8_t slot_exp) {
    if (slot_exp > 8) return 2;  // unknown: nothing follows
    return 2 + 32 + 16 + 16 + (std::size_t{16} << slot_exp);
}

}  // namespace wcmp::store
