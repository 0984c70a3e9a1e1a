#include "message/key_schedule.h"

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "message/labels.h"

#include <functional>

namespace wcmp::message {
namespace {

// The body key is used once, so its nonce can be constant.
constexpr std::array<std::uint8_t, crypto::aead_nonce_bytes> body_nonce{};

}  // namespace

MessageKeys derive_keys(const crypto::Secret32& message_key, ByteView header) {
    const auto prk = crypto::hkdf_extract(header, message_key.view());
    MessageKeys keys;
    crypto::hkdf_expand(prk, as_bytes(labels::body), keys.body_key.writable());
    crypto::hkdf_expand(prk, as_bytes(labels::nonce2), keys.nonce2.writable());
    crypto::hkdf_expand(prk, as_bytes(labels::mask), keys.mask.writable());
    return keys;
}

Result<void> seal_body(const MessageKeys& keys, ByteView header, MutableBytes body) {
    return crypto::aead_seal(keys.body_key.view(), body_nonce, header, body);
}

Result<void> open_body(const MessageKeys& keys, ByteView header, MutableBytes body) {
    return crypto::aead_open(keys.body_key.view(), body_nonce, header, body);
}

Bytes signed_bytes(ByteView message) {
    const auto covered = message.first(message.size() - signature_bytes);
    Bytes result(labels::sign.size() + covered.size());
    const auto after_label = std::ranges::copy(labels::sign, result.begin()).out;
    std::ranges::copy(covered, after_label);
    return result;
}

crypto::Ed25519Signature masked(ByteView signature, const MessageKeys& keys) {
    crypto::Ed25519Signature result;
    std::ranges::transform(signature, keys.mask.view(), result.begin(), std::bit_xor{});
    return result;
}

}  // namespace wcmp::message
