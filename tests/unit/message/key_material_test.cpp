#include "message/key_material.h"

#include "correspondents.h"
#include "vectors/replay_random.h"

namespace wcmp::message {
namespace {

Bytes copy(ByteView view) {
    return {view.begin(), view.end()};
}

TEST(KeyMaterial, PartsStandWhereTheTextSays) {
    SeededRandom random(1);
    const auto secret = SecretKey::generate(random).value();
    const auto& public_key = secret.public_key();
    EXPECT_EQ(secret.bytes().front(), 1);
    EXPECT_EQ(secret.ed25519_seed().data(), secret.bytes().data() + 1);
    EXPECT_EQ(secret.x25519().data(), secret.bytes().data() + 33);
    EXPECT_EQ(public_key.bytes().front(), 1);
    EXPECT_EQ(public_key.ed25519().data(), public_key.bytes().data() + 1);
    EXPECT_EQ(public_key.x25519().data(), public_key.bytes().data() + 33);
}

TEST(KeyMaterial, ReadsBackWhatItWrites) {
    SeededRandom random(2);
    const auto secret = SecretKey::generate(random).value();
    EXPECT_EQ(SecretKey::parse(secret.bytes())->public_key(), secret.public_key());
    EXPECT_EQ(PublicKey::parse(secret.public_key().bytes()).value(), secret.public_key());
    auto copied = SecretKey::generate(random).value();
    copied = secret;
    EXPECT_EQ(copy(copied.bytes()), copy(secret.bytes()));
}

TEST(KeyMaterial, OtherLengthsAndSuitesAreRefused) {
    SeededRandom random(3);
    const auto secret = SecretKey::generate(random).value();
    for (const std::size_t length : {0u, 1u, 64u, 66u, 130u}) {
        auto bytes = copy(secret.bytes());
        bytes.resize(length);
        EXPECT_EQ(outcome(SecretKey::parse(bytes)), "E_KEY");
        bytes = copy(secret.public_key().bytes());
        bytes.resize(length);
        EXPECT_EQ(outcome(PublicKey::parse(bytes)), "E_KEY");
    }
    for (const auto suite : std::initializer_list<std::uint8_t>{0, 2, 255}) {
        auto bytes = copy(secret.bytes());
        bytes[0] = suite;
        EXPECT_EQ(outcome(SecretKey::parse(bytes)), "E_KEY");
        bytes = copy(secret.public_key().bytes());
        bytes[0] = suite;
        EXPECT_EQ(outcome(PublicKey::parse(bytes)), "E_KEY");
    }
}

TEST(KeyMaterial, TheX25519HalfIsChecked) {
    SeededRandom random(4);
    auto bytes = copy(SecretKey::generate(random)->public_key().bytes());
    bytes[64] |= 0x80;
    EXPECT_EQ(outcome(PublicKey::parse(bytes)), "E_KEY");
    std::fill(bytes.begin() + 33, bytes.end(), std::uint8_t{0});
    EXPECT_EQ(outcome(PublicKey::parse(bytes)), "E_KEY");
}

TEST(KeyMaterial, NoKeyWithoutRandomness) {
    vectors::ReplayRandom too_little(Bytes(63));
    EXPECT_EQ(outcome(SecretKey::generate(too_little)), "not_seeded");
}

}  // namespace
}  // namespace wcmp::message
