#include "client/key_line.h"

#include "client/bech32m.h"
#include "core/random.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

message::PublicKey a_key(std::uint64_t seed) {
    SeededRandom random(seed);
    return message::SecretKey::generate(random)->public_key();
}

TEST(KeyLine, RoundTripsOnOneLine) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto key = a_key(seed);
        const auto line = to_key_line(key);
        EXPECT_TRUE(line.starts_with("wcmp1")) << line;
        EXPECT_EQ(line.find_first_of(" \n"), std::string::npos);
        const auto parsed = parse_key_line(line);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(*parsed, key);
    }
}

TEST(KeyLine, IgnoresWhiteSpaceAroundIt) {
    const auto key = a_key(1);
    const auto parsed = parse_key_line(" \t" + to_key_line(key) + "\r\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, key);
    EXPECT_FALSE(parse_key_line("  "));
    EXPECT_FALSE(parse_key_line(""));
}

TEST(KeyLine, RefusesAnotherPrefix) {
    const auto parsed = parse_key_line(encode_bech32m("age", a_key(1).bytes()));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Errc::invalid);
}

TEST(KeyLine, SaysWhetherSomethingIsMissing) {
    const auto line = to_key_line(a_key(1));
    const auto what = [](const std::string& text) { return parse_key_line(text).error().what; };
    EXPECT_EQ(line.size(), 115u);
    EXPECT_EQ(what(line.substr(0, 80)), "the key line is cut off: it has 115 characters");
    EXPECT_EQ(what("wcmp1"), "the key line is cut off: it has 115 characters");
    EXPECT_EQ(what(line + "q"), "the key line is too long: it has 115 characters");
    EXPECT_EQ(what(line.substr(1)), "this is no key line: one starts with wcmp1");
    EXPECT_EQ(what("wcmq" + line.substr(4)), "this is no key line: one starts with wcmp1");
    EXPECT_EQ(what(""), "this is no key line: one starts with wcmp1");
    auto mistyped = line;
    mistyped[50] = mistyped[50] == 'q' ? 'p' : 'q';
    EXPECT_EQ(what(mistyped), "the checksum does not match: a character is wrong or missing");
}

TEST(KeyLine, RefusesBytesThatAreNoKey) {
    const auto key = a_key(1);
    auto bytes = Bytes(key.bytes().begin(), key.bytes().end());
    bytes[0] = 2;
    EXPECT_EQ(parse_key_line(encode_bech32m("wcmp", bytes)).error().code, Errc::key);
    bytes[0] = 1;
    bytes.pop_back();
    EXPECT_EQ(parse_key_line(encode_bech32m("wcmp", bytes)).error().code, Errc::key);
    EXPECT_EQ(parse_key_line(encode_bech32m("wcmp", Bytes(65))).error().code, Errc::key);
}

}  // namespace
}  // namespace wcmp::client
