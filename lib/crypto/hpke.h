// HPKE (RFC 9180), base mode, one message for each encapsulation: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
// ChaCha20-Poly1305.
#pragma once

#include "crypto/aead.h"
#include "crypto/x25519.h"

namespace wcmp::crypto {

inline constexpr std::size_t hpke_enc_bytes = 32;

// What both sides derive; named as in the text.
struct HpkeKeys {
    Secret32 key;
    Secret<12> base_nonce;
};

// DHKEM's shared secret, from a Diffie-Hellman value (section 4.1).
Secret32 hpke_shared_secret(const Secret32& diffie_hellman, ByteView enc, ByteView receiver_public);

// The key schedule of base mode (section 5.1).
HpkeKeys hpke_key_schedule(const Secret32& shared_secret, ByteView info);

// Seals `buffer`, plaintext and 16 bytes of room, in place; gives enc. The ephemeral secret is 32 fresh
// random bytes, used once. Errc::invalid when the receiver's key gives zeros.
Result<X25519Public> hpke_seal(ByteView ephemeral_secret, ByteView receiver_public, ByteView info,
                               ByteView associated, MutableBytes buffer);

// A receiver's pair of keys; the public one must belong to the secret one.
struct HpkeReceiver {
    ByteView secret_key;
    ByteView public_key;
};

// Opens `buffer`, ciphertext and tag, in place: see aead_open(). Errc::invalid when anything does not fit.
Result<void> hpke_open(const HpkeReceiver& receiver, ByteView enc, ByteView info, ByteView associated,
                       MutableBytes buffer);

}  // namespace wcmp::crypto
