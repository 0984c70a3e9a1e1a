#include "crypto/ed25519.h"

#include "core/hex.h"
#include "core/random.h"
#include "unit/crypto/digits.h"

#include <string_view>

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

// RFC 8032, section 7.1, test 1: an empty message.
const Bytes seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const Bytes public_key = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
constexpr std::string_view signature =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0"
    "595bbe"
    "24655141438e7a100b";

// L, little-endian.
const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

// The eight points of small order, canonical, and their other forms.
constexpr std::array<std::string_view, 14> small_order{
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",  // x = 0 with the sign
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 1
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

// S + times * L in a signature, as a number of 32 bytes.
Bytes with_order_added(Bytes to, int times) {
    for (int t = 0; t < times; ++t) {
        unsigned carry = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            carry += unsigned{to[32 + i]} + order[i];
            to[32 + i] = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
    }
    return to;
}

TEST(Ed25519, SignsAndVerifiesAsPublished) {
    EXPECT_EQ(to_hex(ed25519_public_key(seed).value()), to_hex(public_key));
    EXPECT_EQ(to_hex(ed25519_sign(seed, public_key, {}).value()), signature);
    EXPECT_TRUE(ed25519_verify(public_key, {}, hex(signature)).value());
    EXPECT_FALSE(ed25519_verify(public_key, Bytes{0}, hex(signature)).value());
}

TEST(Ed25519, AnyChangedByteOfASignatureIsNoticed) {
    for (std::size_t i = 0; i < 64; ++i) {
        auto broken = hex(signature);
        broken[i] ^= 1;
        EXPECT_FALSE(ed25519_verify(public_key, {}, broken).value()) << i;
    }
}

TEST(Ed25519, ASecondFormOfTheSameSignatureIsRefused) {
    for (int times = 1; times <= 7; ++times)
        EXPECT_FALSE(ed25519_verify(public_key, {}, with_order_added(hex(signature), times)).value())
            << times;
    auto at_order = hex(signature);
    std::ranges::copy(order, at_order.begin() + 32);
    EXPECT_FALSE(ed25519_verify(public_key, {}, at_order).value());
}

// The identity as a key with R = identity and S = 0 verifies anything by the equation: such keys must not get
// here, and R in another form must not pass.
TEST(Ed25519, AnRThatIsNotBelowPIsRefused) {
    const auto identity = hex(small_order[0]);
    auto forged = identity;
    forged.resize(64);
    EXPECT_FALSE(ed25519_is_strict(identity).value());
    for (const auto other_form : {small_order[12], small_order[13]}) {
        std::ranges::copy(hex(other_form), forged.begin());
        EXPECT_FALSE(ed25519_verify(identity, {}, forged).value());
    }
}

TEST(Ed25519, WrongLengthsAreRefused) {
    EXPECT_EQ(ed25519_public_key(Bytes(31)).error().code, Errc::invalid);
    EXPECT_EQ(ed25519_sign(Bytes(33), public_key, {}).error().code, Errc::invalid);
    EXPECT_EQ(ed25519_sign(seed, Bytes(31), {}).error().code, Errc::invalid);
    EXPECT_FALSE(ed25519_verify(public_key, {}, Bytes(63)).value());
    EXPECT_FALSE(ed25519_is_strict(Bytes(31)).value());
    EXPECT_EQ(ed25519_verify(Bytes(31), {}, hex(signature)).error().code, Errc::internal);
}

TEST(Ed25519, StrictKeysAreNotOfSmallOrder) {
    for (const auto point : small_order) EXPECT_FALSE(ed25519_is_strict(hex(point)).value()) << point;
}

TEST(Ed25519, GeneratedKeysAreStrictWhateverTheSign) {
    SeededRandom random(3);
    for (int i = 0; i < 50; ++i) {
        Bytes some_seed(32);
        ASSERT_TRUE(random.fill(some_seed));
        auto key = ed25519_public_key(some_seed).value();
        EXPECT_TRUE(ed25519_is_strict(key).value());
        key[31] ^= 0x80;
        EXPECT_TRUE(ed25519_is_strict(key).value());
    }
}

// y = 2 is on no point: half of all numbers are.
TEST(Ed25519, PointsOffTheCurveAreNotStrict) {
    int on_curve = 0;
    for (std::uint8_t y = 2; y < 202; ++y) {
        Bytes key(32);
        key[0] = y;
        on_curve += ed25519_is_strict(key).value() ? 1 : 0;
    }
    EXPECT_GT(on_curve, 70);
    EXPECT_LT(on_curve, 130);
    Bytes two(32);
    two[0] = 2;
    EXPECT_FALSE(ed25519_is_strict(two).value());
}

}  // namespace
}  // namespace wcmp::crypto
