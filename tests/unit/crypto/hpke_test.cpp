#include "crypto/hpke.h"

#include "core/hex.h"
#include "vectors/vector_file.h"

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

using vectors::HpkeVector;

Secret32 secret(const Bytes& bytes) {
    Secret32 result;
    std::ranges::copy(bytes, result.data());
    return result;
}

Bytes with_room(Bytes plaintext) {
    plaintext.resize(plaintext.size() + aead_tag_bytes);
    return plaintext;
}

const HpkeVector& published() {
    return vectors::all().front().hpke.front();
}

HpkeReceiver receiver(const HpkeVector& vector) {
    return {.secret_key = vector.receiver_secret, .public_key = vector.receiver_public};
}

TEST(Hpke, SealsAsPublished) {
    for (const auto& file : vectors::all())
        for (const auto& vector : file.hpke) {
            auto buffer = with_room(vector.plaintext);
            const auto enc =
                hpke_seal(vector.ephemeral_secret, vector.receiver_public, vector.info, vector.aad, buffer);
            ASSERT_TRUE(enc);
            EXPECT_EQ(to_hex(*enc), to_hex(vector.enc));
            EXPECT_EQ(to_hex(buffer), to_hex(vector.ciphertext));
        }
}

TEST(Hpke, DerivesThePublishedIntermediateValues) {
    const auto& vector = published();
    const auto diffie_hellman = x25519(vector.ephemeral_secret, vector.receiver_public);
    ASSERT_TRUE(diffie_hellman);
    const auto shared = hpke_shared_secret(*diffie_hellman, vector.enc, vector.receiver_public);
    EXPECT_EQ(to_hex(shared.view()), to_hex(vector.shared_secret));
    const auto keys = hpke_key_schedule(secret(vector.shared_secret), vector.info);
    EXPECT_EQ(to_hex(keys.key.view()), to_hex(vector.key));
    EXPECT_EQ(to_hex(keys.base_nonce.view()), to_hex(vector.base_nonce));
}

TEST(Hpke, OpensAsPublished) {
    const auto& vector = published();
    auto buffer = vector.ciphertext;
    ASSERT_TRUE(hpke_open(receiver(vector), vector.enc, vector.info, vector.aad, buffer));
    buffer.resize(vector.plaintext.size());
    EXPECT_EQ(buffer, vector.plaintext);
}

TEST(Hpke, DoesNotOpenWhatDiffersAnywhere) {
    const auto& vector = published();
    const auto opens = [&](ByteView enc, ByteView info, ByteView aad, Bytes buffer) {
        const auto result = hpke_open(receiver(vector), enc, info, aad, buffer);
        if (!result) {
            EXPECT_EQ(result.error().code, Errc::invalid);
        }
        return result.has_value();
    };
    auto ciphertext = vector.ciphertext;
    ciphertext[3] ^= 1;
    auto enc = vector.enc;
    enc[0] ^= 1;
    EXPECT_TRUE(opens(vector.enc, vector.info, vector.aad, vector.ciphertext));
    EXPECT_FALSE(opens(vector.enc, vector.info, vector.aad, ciphertext));
    EXPECT_FALSE(opens(enc, vector.info, vector.aad, vector.ciphertext));
    EXPECT_FALSE(opens(vector.enc, {}, vector.aad, vector.ciphertext));
    EXPECT_FALSE(opens(vector.enc, vector.info, {}, vector.ciphertext));
}

TEST(Hpke, RefusesKeysThatGiveZeros) {
    const Bytes zero(32);
    Bytes buffer(48);
    EXPECT_EQ(hpke_seal(published().ephemeral_secret, zero, {}, {}, buffer).error().code, Errc::invalid);
    EXPECT_EQ(hpke_open(receiver(published()), zero, {}, {}, buffer).error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::crypto
