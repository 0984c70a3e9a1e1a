// One file that is readable only with a passphrase: Argon2id and ChaCha20-Poly1305.
//
//     0  8  magic "WCMPVLT1"      8  4  passes    12  4  memory in KiB    16  4  lanes
//    20 16  salt                 36 12  nonce     48  …  ciphertext and tag; bytes 0...47 are authenticated
//    too
#pragma once

#include "core/random.h"
#include "crypto/argon2.h"
#include "crypto/secret.h"

#include <string_view>

namespace wcmp::client {

// What the passphrase became. Kept while the vault is open, so that saving asks for nothing.
struct VaultKey {
    crypto::Argon2Cost cost{};
    std::array<std::uint8_t, 16> salt{};
    crypto::Secret32 key;
};

Result<VaultKey> make_vault_key(std::string_view passphrase, const crypto::Argon2Cost& cost, Random& random);

// With a fresh nonce each time.
Result<Bytes> seal_vault(const VaultKey& key, ByteView plain, Random& random);

// Errors: invalid (not a vault, or a cost that is out of bounds), wrong_passphrase (or altered: these cannot
// be told apart).
struct OpenedVault {
    VaultKey key;
    Bytes plain;  // the caller wipes it
};
Result<OpenedVault> open_vault(std::string_view passphrase, ByteView file);

}  // namespace wcmp::client
