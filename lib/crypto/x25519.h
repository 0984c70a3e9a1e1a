// X25519 (RFC 7748).
#pragma once

#include "core/error.h"
#include "crypto/secret.h"

namespace wcmp::crypto {

using X25519Public = std::array<std::uint8_t, 32>;

// The public key of a secret scalar as it was generated; clamping is done inside.
Result<X25519Public> x25519_public_key(ByteView secret);

// The shared secret. Errc::invalid when it is all zeros: the library lets low-order points through
// (RFC 7748, section 6.1).
Result<Secret32> x25519(ByteView secret, ByteView public_key);

// False for p and above (the top bit included), as a little-endian number: such a string is not what
// anybody's key generation writes.
bool x25519_is_canonical(ByteView public_key);

// Canonical, and not one of the five points with which every exchange gives zeros.
bool x25519_is_strict(ByteView public_key);

}  // namespace wcmp::crypto
