#include "crypto/argon2.h"

#include "core/hex.h"

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

const Bytes salt{'s', 'o', 'm', 'e', 's', 'a', 'l', 't'};

std::string derive(const Argon2Cost& cost) {
    return to_hex(argon2id("password", salt, cost).value().view());
}

// The reference implementation's own tests.
TEST(Argon2, GivesTheReferenceKeys) {
    EXPECT_EQ(derive({.passes = 2, .memory_kib = 256, .lanes = 1}),
              "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    EXPECT_EQ(derive({.passes = 2, .memory_kib = 256, .lanes = 2}),
              "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
}

TEST(Argon2, PasswordAndSaltCount) {
    const Argon2Cost cost{.passes = 1, .memory_kib = 64, .lanes = 1};
    const auto key = argon2id("password", salt, cost).value();
    EXPECT_FALSE(std::ranges::equal(key.view(), argon2id("Password", salt, cost)->view()));
    EXPECT_FALSE(std::ranges::equal(key.view(), argon2id("password", Bytes(8), cost)->view()));
    EXPECT_TRUE(argon2id("", salt, cost));
}

TEST(Argon2, CostsOutOfRangeAreRefused) {
    const auto refused = [](const Argon2Cost& cost) {
        const auto key = argon2id("password", salt, cost);
        return !key && key.error().code == Errc::invalid;
    };
    EXPECT_TRUE(refused({.passes = 0, .memory_kib = 64, .lanes = 1}));
    EXPECT_TRUE(refused({.passes = 1, .memory_kib = 7, .lanes = 1}));
    EXPECT_TRUE(refused({.passes = 1, .memory_kib = 64, .lanes = 0}));
    EXPECT_TRUE(refused({.passes = 1, .memory_kib = 4096, .lanes = 129}));
    EXPECT_TRUE(refused({.passes = 1, .memory_kib = 0xffff'ffff, .lanes = 1}));
    EXPECT_EQ(argon2id("password", Bytes(7), {}).error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::crypto
