#include "core/ids.h"

#include "core/hex.h"

#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace wcmp::core {
namespace {

// An id is not a digest, whatever their bytes.
static_assert(!std::is_same_v<MessageId, Digest>);
static_assert(!std::is_convertible_v<MessageId, Digest>);
static_assert(!std::is_constructible_v<Digest, MessageId>);
static_assert(sizeof(MessageId) == 32 && sizeof(HintTag) == 16);

TEST(FixedBytes, AreOrderedAsByteStrings) {
    using Two = FixedBytes<struct TwoTag, 2>;
    EXPECT_LT((Two{{0x00, 0xff}}), (Two{{0x01, 0x00}}));
    EXPECT_LT((Two{{0x7f, 0x00}}), (Two{{0x80, 0x00}}));
    EXPECT_LT((Two{{0x01, 0x00}}), (Two{{0x01, 0x01}}));
    EXPECT_EQ((Two{{0x01, 0x02}}), (Two{{0x01, 0x02}}));
    EXPECT_EQ(Two{}, (Two{{0, 0}}));
}

TEST(FixedBytes, CopyTheirBytes) {
    const Bytes bytes{1, 2, 3};
    using Three = FixedBytes<struct ThreeTag, 3>;
    const auto three = Three::from(bytes);
    EXPECT_TRUE(std::ranges::equal(three.view(), bytes));
}

TEST(FixedBytes, AreHashedByTheirBeginning) {
    MessageId a{};
    MessageId b{};
    b.bytes[0] = 1;
    EXPECT_NE(std::hash<MessageId>{}(a), std::hash<MessageId>{}(b));
    const std::unordered_set<MessageId> set{a, b, a};
    EXPECT_EQ(set.size(), 2u);
}

TEST(MessageKey, IsOrderedByDayThenId) {
    MessageId low{};
    MessageId high{};
    high.bytes[0] = 1;
    EXPECT_LT((MessageKey{Day{1}, high}), (MessageKey{Day{2}, low}));
    EXPECT_LT((MessageKey{Day{2}, low}), (MessageKey{Day{2}, high}));
}

TEST(Hex, IsLowerCaseAndComplete) {
    const Bytes bytes{0x00, 0x0f, 0xa5, 0xff};
    EXPECT_EQ(to_hex(bytes), "000fa5ff");
    EXPECT_EQ(from_hex("000fa5ff").value(), bytes);
    EXPECT_EQ(to_hex({}), "");
    EXPECT_TRUE(from_hex("").value().empty());
}

TEST(Hex, RoundTripsEveryByte) {
    for (unsigned value = 0; value < 256; ++value) {
        const Bytes bytes{static_cast<std::uint8_t>(value)};
        EXPECT_EQ(from_hex(to_hex(bytes)).value(), bytes);
    }
}

TEST(Hex, RefusesAnythingElse) {
    EXPECT_EQ(from_hex("abc").error().code, Errc::invalid);
    for (const auto* text : {"0A", "g0", "0g", " 0", "0x", "/0", ":0", "`0",
                             "\xff"
                             "0"})
        EXPECT_EQ(from_hex(text).error().code, Errc::invalid) << text;
}

TEST(Hex, GivesFixedBytesOfExactlyTheirLength) {
    using Two = FixedBytes<struct TwoTag, 2>;
    EXPECT_EQ(fixed_from_hex<Two>("0102").value(), (Two{{1, 2}}));
    EXPECT_EQ(fixed_from_hex<Two>("01020").error().code, Errc::invalid);
    EXPECT_EQ(fixed_from_hex<Two>("010203").error().code, Errc::invalid);
    EXPECT_EQ(fixed_from_hex<Two>("").error().code, Errc::invalid);
    EXPECT_EQ(fixed_from_hex<Two>("01zz").error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::core
