#include "crypto/aead.h"

#include "core/hex.h"
#include "core/random.h"
#include "unit/crypto/digits.h"

#include <string_view>

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

struct Box {
    Bytes key, nonce, associated;

    Bytes seal(ByteView plaintext) const {
        Bytes buffer(plaintext.begin(), plaintext.end());
        buffer.resize(buffer.size() + aead_tag_bytes);
        EXPECT_TRUE(aead_seal(key, nonce, associated, buffer));
        return buffer;
    }

    Result<Bytes> open(Bytes buffer) const {
        WCMP_TRY(aead_open(key, nonce, associated, buffer));
        buffer.resize(buffer.size() - aead_tag_bytes);
        return buffer;
    }
};

Box random_box(std::uint64_t seed) {
    SeededRandom random(seed);
    Box box{Bytes(32), Bytes(12), Bytes(39)};
    EXPECT_TRUE(random.fill(box.key));
    EXPECT_TRUE(random.fill(box.nonce));
    EXPECT_TRUE(random.fill(box.associated));
    return box;
}

// RFC 8439, section 2.8.2.
TEST(Aead, SealsAndOpensAsPublished) {
    const Box box{hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
                  hex("070000004041424344454647"), hex("50515253c0c1c2c3c4c5c6c7")};
    constexpr std::string_view text =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
        "sunscreen would "
        "be it.";
    const Bytes plaintext(text.begin(), text.end());
    const auto sealed = box.seal(plaintext);
    EXPECT_EQ(
        to_hex(sealed),
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
        "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
    EXPECT_EQ(box.open(sealed).value(), plaintext);
}

TEST(Aead, EveryLengthComesBack) {
    const auto box = random_box(1);
    for (std::size_t length = 0; length < 300; ++length) {
        const Bytes plaintext(length, static_cast<std::uint8_t>(length));
        EXPECT_EQ(box.open(box.seal(plaintext)).value(), plaintext) << length;
    }
}

TEST(Aead, AnyChangedByteIsNoticedAndLeavesNothing) {
    const auto box = random_box(2);
    const auto sealed = box.seal(Bytes(150, 0x61));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto broken = sealed;
        broken[i] ^= 0x10;
        EXPECT_EQ(aead_open(box.key, box.nonce, box.associated, broken).error().code, Errc::invalid);
        EXPECT_EQ(broken, Bytes(broken.size()));
    }
}

TEST(Aead, KeyNonceAndAssociatedBytesAllCount) {
    const auto sealed = random_box(3).seal(Bytes(64));
    for (auto part : {&Box::key, &Box::nonce, &Box::associated}) {
        auto other = random_box(3);
        (other.*part)[0] ^= 1;
        EXPECT_FALSE(other.open(sealed));
    }
}

TEST(Aead, WrongSizesAreRefused) {
    Bytes buffer(32);
    const Bytes key(32), nonce(12);
    EXPECT_EQ(aead_seal(Bytes(31), nonce, {}, buffer).error().code, Errc::invalid);
    EXPECT_EQ(aead_seal(key, Bytes(13), {}, buffer).error().code, Errc::invalid);
    EXPECT_EQ(aead_seal(key, nonce, {}, MutableBytes(buffer).first(15)).error().code, Errc::invalid);
    EXPECT_EQ(aead_open(Bytes(33), nonce, {}, buffer).error().code, Errc::invalid);
    EXPECT_EQ(aead_open(key, Bytes(8), {}, buffer).error().code, Errc::invalid);
    EXPECT_EQ(aead_open(key, nonce, {}, MutableBytes(buffer).first(15)).error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::crypto
