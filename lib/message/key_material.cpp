#include "message/key_material.h"

#include "crypto/ed25519.h"
#include "crypto/secret.h"
#include "crypto/x25519.h"
#include "message/layout.h"

namespace wcmp::message {
namespace {

Result<void> check_form(ByteView bytes) {
    if (bytes.size() != key_bytes) return fail(Errc::key, "a key has 65 bytes");
    if (bytes.front() != suite_1) return fail(Errc::key, "a key of another suite");
    return {};
}

}  // namespace

Result<PublicKey> PublicKey::parse(ByteView bytes) {
    WCMP_TRY(check_form(bytes));
    PublicKey key;
    std::ranges::copy(bytes, key.bytes_.begin());
    WCMP_ASSIGN(const bool strict, crypto::ed25519_is_strict(key.ed25519()));
    if (!strict) return fail(Errc::key, "the Ed25519 part is no point of large order, strictly encoded");
    if (!crypto::x25519_is_strict(key.x25519()))
        return fail(Errc::key, "the X25519 part is of low order or >= p");
    return key;
}

Result<SecretKey> SecretKey::parse(ByteView bytes) {
    WCMP_TRY(check_form(bytes));
    SecretKey key;
    std::ranges::copy(bytes, key.bytes_.begin());
    WCMP_ASSIGN(const auto ed25519, crypto::ed25519_public_key(key.ed25519_seed()));
    WCMP_ASSIGN(const auto x25519, crypto::x25519_public_key(key.x25519()));
    Bytes public_bytes{suite_1};
    public_bytes.insert(public_bytes.end(), ed25519.begin(), ed25519.end());
    public_bytes.insert(public_bytes.end(), x25519.begin(), x25519.end());
    WCMP_ASSIGN(key.public_key_, PublicKey::parse(public_bytes));
    return key;
}

Result<SecretKey> SecretKey::generate(Random& random) {
    crypto::Secret<key_bytes> bytes;
    bytes.writable().front() = suite_1;
    WCMP_TRY(random.fill(bytes.writable().subspan(1)));
    return parse(bytes.view());
}

SecretKey::~SecretKey() {
    crypto::wipe(bytes_);
}

}  // namespace wcmp::message
