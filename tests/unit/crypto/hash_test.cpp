// SHA-256, HMAC and HKDF against the values of their texts.
#include "core/hex.h"
#include "core/random.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "unit/crypto/digits.h"

#include <string_view>

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

Bytes random_bytes(SeededRandom& random, std::size_t length) {
    Bytes result(length);
    EXPECT_TRUE(random.fill(result));
    return result;
}

TEST(Sha256, GivesThePublishedHashes) {
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PeekIsTheHashSoFarAndChangesNothing) {
    SeededRandom random(1);
    const auto whole = random_bytes(random, 1000);
    for (std::size_t cut = 0; cut <= whole.size(); cut += 37) {
        Sha256 hash;
        hash.update(ByteView(whole).first(cut));
        EXPECT_EQ(hash.peek(), sha256(ByteView(whole).first(cut)));
        EXPECT_EQ(hash.peek(), sha256(ByteView(whole).first(cut)));
        hash.update(ByteView(whole).subspan(cut));
        EXPECT_EQ(hash.finish(), sha256(whole));
    }
}

TEST(Sha256, StartsAnewAfterFinish) {
    Sha256 hash;
    hash.update(bytes("before"));
    hash.finish();
    hash.update(bytes("abc"));
    Sha256 moved = std::move(hash);
    EXPECT_EQ(moved.finish(), sha256(bytes("abc")));
    moved = Sha256();
    EXPECT_EQ(moved.finish(), sha256({}));
}

// RFC 4231, test cases 1, 2, 6 and 7: short keys, and one longer than a block.
TEST(Hmac, GivesThePublishedCodes) {
    EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256(bytes("Jefe"), bytes("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa),
                                 bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, KeysAtTheBlockBoundaryAgreeWithTheDefinition) {
    SeededRandom random(2);
    for (const std::size_t length : {0u, 1u, 63u, 64u, 65u, 66u, 5000u}) {
        const auto key = random_bytes(random, length);
        const auto message = random_bytes(random, 42);
        Bytes inner(64), outer(64);
        const auto hashed = sha256(key);
        if (length > 64)
            std::ranges::copy(hashed, inner.begin());
        else
            std::ranges::copy(key, inner.begin());
        outer = inner;
        for (auto& byte : inner) byte ^= 0x36;
        for (auto& byte : outer) byte ^= 0x5c;
        inner.insert(inner.end(), message.begin(), message.end());
        const auto inner_hash = sha256(inner);
        outer.insert(outer.end(), inner_hash.begin(), inner_hash.end());
        EXPECT_EQ(hmac_sha256(key, message), sha256(outer)) << length;
    }
}

TEST(Hmac, AKeyServesManyMessages) {
    HmacKey key(bytes("Jefe"));
    for (int i = 0; i < 3; ++i) {
        key.update(bytes("what do ya want "));
        key.update(bytes("for nothing?"));
        EXPECT_EQ(key.finish(), hmac_sha256(bytes("Jefe"), bytes("what do ya want for nothing?")));
    }
    HmacKey moved = std::move(key);
    moved = HmacKey(bytes("another"));
    EXPECT_EQ(moved.finish(), hmac_sha256(bytes("another"), {}));
}

// RFC 5869, appendix A.1 to A.3: usual, long, and empty salt and info.
TEST(Hkdf, GivesThePublishedKeys) {
    const auto prk = hkdf_extract(hex("000102030405060708090a0b0c"), Bytes(22, 0x0b));
    EXPECT_EQ(to_hex(prk.view()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    Bytes okm(42);
    hkdf_expand(prk, hex("f0f1f2f3f4f5f6f7f8f9"), okm);
    EXPECT_EQ(to_hex(okm),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

    const auto without_salt = hkdf_extract({}, Bytes(22, 0x0b));
    EXPECT_EQ(to_hex(without_salt.view()),
              "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    hkdf_expand(without_salt, {}, okm);
    EXPECT_EQ(to_hex(okm),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, LongerOutputBeginsWithTheShorter) {
    const auto prk = hkdf_extract({}, bytes("key"));
    Bytes longest(255 * std::size_t{32});
    hkdf_expand(prk, bytes("info"), longest);
    for (const std::size_t length : {0u, 1u, 31u, 32u, 33u, 64u, 100u}) {
        Bytes shorter(length);
        hkdf_expand(prk, bytes("info"), shorter);
        EXPECT_TRUE(std::ranges::equal(shorter, ByteView(longest).first(length)));
    }
}

}  // namespace
}  // namespace wcmp::crypto
