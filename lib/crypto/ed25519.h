// Ed25519 (RFC 8032), pure, with the checks that the library leaves out.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

namespace wcmp::crypto {

using Ed25519Public = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

Result<Ed25519Public> ed25519_public_key(ByteView seed);

// Deterministic. The public key must belong to the seed.
Result<Ed25519Signature> ed25519_sign(ByteView seed, ByteView public_key, ByteView message);

// The equation without cofactor, comparing encodings; S >= L and R with y >= p are refused. The key has
// passed ed25519_is_strict(). An error is the library's, not the signature's.
Result<bool> ed25519_verify(ByteView public_key, ByteView message, ByteView signature);

// Decodes strictly (y < p, on the curve, no sign with x = 0) and is not one of the 8 points of small order.
Result<bool> ed25519_is_strict(ByteView public_key);

}  // namespace wcmp::crypto
