// HKDF-SHA-256 (RFC 5869).
#pragma once

#include "crypto/secret.h"

namespace wcmp::crypto {

// Extract: a pseudorandom key from input key material.
Secret32 hkdf_extract(ByteView salt, ByteView key_material);

// Expand: fills `output`, at most 255 * 32 bytes.
void hkdf_expand(const Secret32& pseudorandom_key, ByteView info, MutableBytes output);

}  // namespace wcmp::crypto
