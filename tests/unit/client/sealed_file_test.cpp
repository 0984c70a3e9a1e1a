#include "client/sealed_file.h"

#include "unit/client/cheap.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

Bytes sealed_file(ByteView plain) {
    SeededRandom random(1);
    const auto key = make_vault_key("correct horse", cheap, random);
    return *seal_vault(*key, plain, random);
}

TEST(SealedFile, OpensWithItsPassphraseOnly) {
    const Bytes plain = {1, 2, 3, 4, 5};
    const auto file = sealed_file(plain);
    const auto opened = open_vault("correct horse", file);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->plain, plain);
    for (const std::string_view wrong : {"", "correct hors", "correct horse ", "Correct horse"})
        EXPECT_EQ(open_vault(wrong, file).error().code, Errc::wrong_passphrase) << wrong;
}

TEST(SealedFile, EveryChangedByteIsFound) {
    const auto file = sealed_file(Bytes(40, 7));
    for (std::size_t i = 0; i < file.size(); ++i) {
        // Costs stay small: what is asked of a test's machine is bounded, and the flip of a low bit is a
        // flip.
        auto altered = file;
        altered[i] ^= 1;
        const auto opened = open_vault("correct horse", altered);
        ASSERT_FALSE(opened) << i;
        const auto code = opened.error().code;
        EXPECT_TRUE(code == Errc::invalid || code == Errc::wrong_passphrase) << i << ' ' << to_string(code);
    }
}

TEST(SealedFile, EveryShortenedFileIsRefused) {
    const auto file = sealed_file(Bytes(5));
    for (std::size_t length = 0; length < file.size(); ++length)
        EXPECT_FALSE(open_vault("correct horse", ByteView(file).first(length))) << length;
}

TEST(SealedFile, AnAlteredCostIsBounded) {
    for (const std::size_t field : {8, 12, 16}) {
        auto file = sealed_file(Bytes(5));
        file[field] = 0xff;
        EXPECT_EQ(open_vault("correct horse", file).error().code, Errc::invalid) << field;
    }
}

TEST(SealedFile, NoTwoAreEqual) {
    SeededRandom random(3);
    const auto key = make_vault_key("p", cheap, random);
    ASSERT_TRUE(key);
    EXPECT_NE(*seal_vault(*key, Bytes(9), random), *seal_vault(*key, Bytes(9), random));
}

}  // namespace
}  // namespace wcmp::client
