// Bech32m with the vectors of BIP 350. Those that are wrong only by being over 90 characters are left out:
// that limit is lifted here (lib/client/bech32m.h).
#include "client/bech32m.h"

#include "core/random.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

TEST(Bech32m, TakesTheValidStringsOfBip350) {
    for (const std::string_view text :
         {"A1LQFN3A", "a1lqfn3a",
          "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
          "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
          "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
          "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa"})
        EXPECT_TRUE(decode_bech32m_values(text)) << text;
}

TEST(Bech32m, RefusesTheInvalidStringsOfBip350) {
    for (const std::string_view text :
         {"\x20"
          "1xj0phk",
          "\x7f"
          "1g6xzxy",
          "\x80"
          "1vctc34",
          "qyrz8wqd2c9m", "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom",
          "M1VUXWEZ", "16plkw9", "1p2gdwpf"}) {
        const auto decoded = decode_bech32m_values(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, Errc::invalid);
    }
}

TEST(Bech32m, RefusesWhatIsNotOfTheForm) {
    for (const std::string& text :
         {std::string(), std::string("1"), std::string("a1lqfn3A"), std::string("a1lqfn3"),
          std::string(2000, 'q'), std::string("wcmp1\0", 6)})
        EXPECT_FALSE(decode_bech32m_values(text));
}

TEST(Bech32m, RoundTripsEveryLength) {
    SeededRandom random(1);
    for (std::size_t length = 0; length <= 130; ++length) {
        Bytes data(length);
        ASSERT_TRUE(random.fill(data));
        const auto text = encode_bech32m("wcmp", data);
        const auto decoded = decode_bech32m(text);
        ASSERT_TRUE(decoded) << length;
        EXPECT_EQ(decoded->prefix, "wcmp");
        EXPECT_EQ(decoded->data, data);
    }
}

TEST(Bech32m, FindsEveryWrongCharacterAndEverySwap) {
    SeededRandom random(2);
    Bytes data(65);
    ASSERT_TRUE(random.fill(data));
    const auto text = encode_bech32m("wcmp", data);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char c : std::string_view("qpzry9x8gf2tvdw0s3jn54khce6mua7l1b")) {
            auto wrong = text;
            wrong[i] = c;
            if (wrong == text) continue;
            EXPECT_FALSE(decode_bech32m(wrong)) << i << c;
        }
        auto swapped = text;
        std::swap(swapped[i], swapped[(i + 1) % text.size()]);
        EXPECT_TRUE(swapped == text || !decode_bech32m(swapped)) << i;
        EXPECT_FALSE(decode_bech32m(text.substr(0, i))) << i;
    }
}

TEST(Bech32m, RefusesBitsThatAreNoWholeBytes) {
    // A valid string of BIP 350: 82 values of 5 bits, 31 each; the two bits over 51 bytes are not zero.
    const auto decoded = decode_bech32m("11" + std::string(82, 'l') + "ludsr8");
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::client
