// Argon2id (RFC 9106): keys from passphrases.
#pragma once

#include "core/error.h"
#include "crypto/secret.h"

#include <string_view>

namespace wcmp::crypto {

struct Argon2Cost {
    std::uint32_t passes = 3;           // t
    std::uint32_t memory_kib = 65'536;  // m
    std::uint32_t lanes = 4;            // p
};

// Errc::invalid for a salt under 8 bytes or a cost out of the RFC's range; no_space when the memory is not
// there.
Result<Secret32> argon2id(std::string_view password, ByteView salt, const Argon2Cost& cost);

}  // namespace wcmp::crypto
