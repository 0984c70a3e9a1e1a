// Private to this module: 32 bytes as a little-endian number, compared with the prime p = 2^255 - 19.
#pragma once

#include "core/bytes.h"

namespace wcmp::crypto {

using Bytes32 = std::array<std::uint8_t, 32>;

// Little-endian: the last byte is the most significant. For public values; not constant time.
inline bool less_little_endian(ByteView a, ByteView b) {
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

// p - `minus`, for a small `minus`.
constexpr Bytes32 prime_minus(std::uint8_t minus) {
    Bytes32 result;
    result.fill(0xff);
    result.front() = static_cast<std::uint8_t>(0xed - minus);
    result.back() = 0x7f;
    return result;
}

constexpr Bytes32 small_number(std::uint8_t number) {
    Bytes32 result{};
    result.front() = number;
    return result;
}

}  // namespace wcmp::crypto
