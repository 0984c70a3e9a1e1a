// ChaCha20-Poly1305 (RFC 8439), in place.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

namespace wcmp::crypto {

inline constexpr std::size_t aead_key_bytes = 32;
inline constexpr std::size_t aead_nonce_bytes = 12;
inline constexpr std::size_t aead_tag_bytes = 16;

// `buffer` holds the plaintext and 16 bytes of room; afterwards the ciphertext and its tag.
// Errc::invalid for a key, nonce or buffer of a wrong size.
Result<void> aead_seal(ByteView key, ByteView nonce, ByteView associated, MutableBytes buffer);

// `buffer` holds the ciphertext and its tag; afterwards the plaintext and 16 bytes without meaning.
// Errc::invalid when it does not verify; then the buffer is wiped.
Result<void> aead_open(ByteView key, ByteView nonce, ByteView associated, MutableBytes buffer);

}  // namespace wcmp::crypto
