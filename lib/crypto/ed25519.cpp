#include "crypto/ed25519.h"

#include "crypto/botan_guard.h"
#include "crypto/field25519.h"

#include <botan/ed25519.h>
#include <botan/pubkey.h>
#include <botan/rng.h>

namespace wcmp::crypto {
namespace {

// L = 2^252 + 27742317777372353535851937790883648493, the order of the base point, little-endian.
constexpr Bytes32 group_order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                              0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                              0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

// Botan 2.19 accepts S + L, which would give every signature a second form.
bool is_canonical(ByteView signature) {
    Bytes32 y;
    std::copy_n(signature.begin(), 32, y.begin());
    y.back() &= 0x7f;
    return less_little_endian(y, prime_minus(0)) && less_little_endian(signature.subspan(32), group_order);
}

// The key as seed || public key, which spares the library computing the second half again.
Botan::secure_vector<std::uint8_t> private_bytes(ByteView seed, ByteView public_key) {
    Botan::secure_vector<std::uint8_t> bytes(seed.begin(), seed.end());
    bytes.insert(bytes.end(), public_key.begin(), public_key.end());
    return bytes;
}

}  // namespace

Result<Ed25519Public> ed25519_public_key(ByteView seed) {
    if (seed.size() != 32) return fail(Errc::invalid, "an Ed25519 seed has 32 bytes");
    return guard_botan([&] {
        const Botan::Ed25519_PrivateKey key(Botan::secure_vector<std::uint8_t>(seed.begin(), seed.end()));
        const auto bits = key.public_key_bits();
        Ed25519Public result{};
        std::copy_n(bits.begin(), result.size(), result.begin());
        return result;
    });
}

Result<Ed25519Signature> ed25519_sign(ByteView seed, ByteView public_key, ByteView message) {
    if (seed.size() != 32 || public_key.size() != 32)
        return fail(Errc::invalid, "Ed25519 keys have 32 bytes");
    return guard_botan([&] {
        const Botan::Ed25519_PrivateKey key(private_bytes(seed, public_key));
        Botan::Null_RNG no_random;  // the scheme is deterministic
        Botan::PK_Signer signer(key, no_random, "Pure");
        const auto signature = signer.sign_message(message.data(), message.size(), no_random);
        Ed25519Signature result{};
        std::copy_n(signature.begin(), result.size(), result.begin());
        return result;
    });
}

Result<bool> ed25519_verify(ByteView public_key, ByteView message, ByteView signature) {
    if (signature.size() != 64 || !is_canonical(signature)) return false;
    return guard_botan([&] {
        const Botan::Ed25519_PublicKey key(public_key.data(), public_key.size());
        Botan::PK_Verifier verifier(key, "Pure");
        return verifier.verify_message(message.data(), message.size(), signature.data(), signature.size());
    });
}

}  // namespace wcmp::crypto
