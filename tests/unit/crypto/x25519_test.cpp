#include "crypto/x25519.h"

#include "core/hex.h"
#include "core/random.h"
#include "unit/crypto/digits.h"

#include <string_view>

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

// 0, 1, the points of order 8, and p - 1.
constexpr std::array<std::string_view, 5> low_order{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

// RFC 7748, section 5.2: k and u start as 9; u becomes the old k, k the result.
TEST(X25519, GivesThePublishedValuesWhenIterated) {
    Bytes k(32), u(32);
    k[0] = u[0] = 9;
    for (int i = 1; i <= 1000; ++i) {
        const auto result = x25519(k, u);
        ASSERT_TRUE(result);
        u = std::exchange(k, Bytes(result->view().begin(), result->view().end()));
        if (i == 1) {
            EXPECT_EQ(to_hex(k), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
        }
    }
    EXPECT_EQ(to_hex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(X25519, BothSidesAgree) {
    SeededRandom random(1);
    for (int i = 0; i < 20; ++i) {
        Bytes a(32), b(32);
        ASSERT_TRUE(random.fill(a));
        ASSERT_TRUE(random.fill(b));
        const auto one = x25519(a, x25519_public_key(b).value());
        const auto other = x25519(b, x25519_public_key(a).value());
        EXPECT_TRUE(std::ranges::equal(one->view(), other->view()));
        EXPECT_TRUE(x25519_is_strict(x25519_public_key(a).value()));
    }
}

TEST(X25519, ZeroSharedSecretsAreErrors) {
    for (const auto point : low_order)
        EXPECT_EQ(x25519(Bytes(32, 5), hex(point)).error().code, Errc::invalid);
}

TEST(X25519, WrongLengthsAreErrors) {
    EXPECT_EQ(x25519(Bytes(31), Bytes(32)).error().code, Errc::invalid);
    EXPECT_EQ(x25519(Bytes(32), Bytes(33)).error().code, Errc::invalid);
    EXPECT_EQ(x25519_public_key(Bytes(64)).error().code, Errc::invalid);
    EXPECT_FALSE(x25519_is_canonical(Bytes(31)));
    EXPECT_FALSE(x25519_is_strict({}));
}

TEST(X25519, StrictKeysAreNeitherOfLowOrderNorFromP) {
    for (const auto point : low_order) {
        EXPECT_TRUE(x25519_is_canonical(hex(point)));
        EXPECT_FALSE(x25519_is_strict(hex(point)));
    }
    auto at_p = hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    EXPECT_FALSE(x25519_is_canonical(at_p));
    at_p[0] = 0xee;
    EXPECT_FALSE(x25519_is_canonical(at_p));
    at_p[0] = 0xeb;  // p - 2
    EXPECT_TRUE(x25519_is_strict(at_p));
    auto top_bit = hex(low_order[1]);
    top_bit[0] = 9;
    EXPECT_TRUE(x25519_is_strict(top_bit));
    top_bit[31] = 0x80;
    EXPECT_FALSE(x25519_is_canonical(top_bit));
}

}  // namespace
}  // namespace wcmp::crypto
