#include "crypto/hpke.h"

#include "crypto/hkdf.h"

#include <string_view>

namespace wcmp::crypto {
namespace {

// "KEM" || I2OSP(kem_id, 2), and "HPKE" || I2OSP(kem_id, 2) || I2OSP(kdf_id, 2) || I2OSP(aead_id, 2).
constexpr std::string_view kem_suite("KEM\x00\x20", 5);
constexpr std::string_view hpke_suite("HPKE\x00\x20\x00\x01\x00\x03", 10);
constexpr std::uint8_t mode_base = 0;

void append(Bytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}

void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// labeled_ikm = "HPKE-v1" || suite_id || label || ikm
Secret32 labeled_extract(std::string_view suite, ByteView salt, std::string_view label,
                         ByteView key_material) {
    Bytes labeled;
    labeled.reserve(64 + key_material.size());
    append(labeled, "HPKE-v1");
    append(labeled, suite);
    append(labeled, label);
    append(labeled, key_material);
    const WipeOnExit secret(labeled);
    return hkdf_extract(salt, labeled);
}

// labeled_info = I2OSP(L, 2) || "HPKE-v1" || suite_id || label || info
void labeled_expand(std::string_view suite, const Secret32& key, std::string_view label, ByteView info,
                    MutableBytes output) {
    Bytes labeled{static_cast<std::uint8_t>(output.size() >> 8), static_cast<std::uint8_t>(output.size())};
    labeled.reserve(64 + info.size());
    append(labeled, "HPKE-v1");
    append(labeled, suite);
    append(labeled, label);
    append(labeled, info);
    hkdf_expand(key, labeled, output);
}

// key_schedule_context = mode || psk_id_hash || info_hash, with an empty psk_id.
Bytes schedule_context(ByteView info) {
    Bytes context{mode_base};
    append(context, labeled_extract(hpke_suite, {}, "psk_id_hash", {}).view());
    append(context, labeled_extract(hpke_suite, {}, "info_hash", info).view());
    return context;
}

}  // namespace

Secret32 hpke_shared_secret(const Secret32& diffie_hellman, ByteView enc, ByteView receiver_public) {
    const auto eae_prk = labeled_extract(kem_suite, {}, "eae_prk", diffie_hellman.view());
    Bytes kem_context;
    append(kem_context, enc);
    append(kem_context, receiver_public);
    Secret32 result;
    labeled_expand(kem_suite, eae_prk, "shared_secret", kem_context, result.writable());
    return result;
}

HpkeKeys hpke_key_schedule(const Secret32& shared_secret, ByteView info) {
    const auto context = schedule_context(info);
    const auto secret = labeled_extract(hpke_suite, shared_secret.view(), "secret", {});
    HpkeKeys keys;
    labeled_expand(hpke_suite, secret, "key", context, keys.key.writable());
    labeled_expand(hpke_suite, secret, "base_nonce", context, keys.base_nonce.writable());
    return keys;
}

Result<X25519Public> hpke_seal(ByteView ephemeral_secret, ByteView receiver_public, ByteView info,
                               ByteView associated, MutableBytes buffer) {
    WCMP_ASSIGN(const auto enc, x25519_public_key(ephemeral_secret));
    WCMP_ASSIGN(const auto diffie_hellman, x25519(ephemeral_secret, receiver_public));
    const auto keys = hpke_key_schedule(hpke_shared_secret(diffie_hellman, enc, receiver_public), info);
    WCMP_TRY(aead_seal(keys.key.view(), keys.base_nonce.view(), associated, buffer));
    return enc;
}

Result<void> hpke_open(const HpkeReceiver& receiver, ByteView enc, ByteView info, ByteView associated,
                       MutableBytes buffer) {
    WCMP_ASSIGN(const auto diffie_hellman, x25519(receiver.secret_key, enc));
    const auto keys = hpke_key_schedule(hpke_shared_secret(diffie_hellman, enc, receiver.public_key), info);
    return aead_open(keys.key.view(), keys.base_nonce.view(), associated, buffer);
}

}  // namespace wcmp::crypto
