// CRC-32C (Castagnoli), as in RFC 3720, section 12.1: guards against torn writes, not against people.
#pragma once

#include "core/bytes.h"

namespace wcmp::core {

// The checksum of a || b is crc32c(b, crc32c(a)).
std::uint32_t crc32c(ByteView bytes, std::uint32_t before = 0);

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}
