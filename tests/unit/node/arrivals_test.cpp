#include "node/arrivals.h"

#include "node/recognition_cursor.h"

#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

MessageKey key(std::uint32_t day, std::uint8_t id = 0) {
    MessageKey result{Day{day}, {}};
    result.id.bytes[0] = id;
    return result;
}

TEST(Arrivals, AreSeenInBatchesSorted) {
    Arrivals arrivals;
    arrivals.add(std::vector{key(9), key(3, 2)});
    arrivals.add(std::vector{key(3, 1)});
    EXPECT_EQ(arrivals.end(), 0u);
    EXPECT_TRUE(arrivals.waiting());
    EXPECT_EQ(arrivals.make_visible(), 3u);
    EXPECT_FALSE(arrivals.waiting());
    EXPECT_EQ(arrivals.from(0, 10), (std::vector{key(3, 1), key(3, 2), key(9)}));
    EXPECT_EQ(arrivals.from(1, 1), (std::vector{key(3, 2)}));
    EXPECT_EQ(arrivals.from(3, 10), std::vector<MessageKey>{});
    EXPECT_EQ(arrivals.from(4, 10), std::nullopt);
}

TEST(Arrivals, TheRingRunsOver) {
    Arrivals arrivals(4);
    arrivals.add(std::vector{key(1), key(2), key(3)});
    arrivals.make_visible();
    arrivals.add(std::vector{key(4), key(5)});
    arrivals.make_visible();
    EXPECT_EQ(arrivals.first(), 1u);
    EXPECT_EQ(arrivals.end(), 5u);
    EXPECT_EQ(arrivals.from(0, 10), std::nullopt);
    EXPECT_EQ(arrivals.from(1, 10), (std::vector{key(2), key(3), key(4), key(5)}));
}

TEST(Arrivals, ABatchLargerThanTheRingEndsEveryCursor) {
    Arrivals arrivals(4);
    arrivals.add(std::vector{key(1)});
    arrivals.make_visible();
    arrivals.add(std::vector{key(1), key(2), key(3)});
    arrivals.add(std::vector{key(4), key(5), key(6)});
    EXPECT_EQ(arrivals.make_visible(), 6u);
    EXPECT_EQ(arrivals.end(), 7u);
    for (std::uint64_t position = 0; position < 7; ++position)
        EXPECT_EQ(arrivals.from(position, 1), std::nullopt);
    EXPECT_EQ(arrivals.from(7, 1), std::vector<MessageKey>{});
}

TEST(Arrivals, ABatchAsLargeAsTheRingFits) {
    Arrivals arrivals(2);
    arrivals.add(std::vector{key(2), key(1)});
    arrivals.make_visible();
    EXPECT_EQ(arrivals.from(0, 9), (std::vector{key(1), key(2)}));
}

using Scan = RecognitionCursor::Scan;

TEST(RecognitionCursor, ComesBackAsItWas) {
    const RunNonce nonce{{1, 2, 3}};
    for (const auto& cursor :
         {RecognitionCursor{Scan::start, {}, 7}, RecognitionCursor{Scan::after, key(20'000, 9), 0},
          RecognitionCursor{Scan::end, {}, std::uint64_t{1} << 63}}) {
        const auto back = decode_cursor(nonce, encode_cursor(nonce, cursor));
        ASSERT_TRUE(back.has_value());
        EXPECT_EQ(*back, cursor);
    }
}

TEST(RecognitionCursor, OfAnotherRunIsExpired) {
    const auto text = encode_cursor(RunNonce{{1}}, {Scan::end, {}, 5});
    const auto read = decode_cursor(RunNonce{{2}}, text);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, Errc::expired);
}

TEST(RecognitionCursor, AnythingElseIsNone) {
    const RunNonce nonce{{1}};
    const auto good = encode_cursor(nonce, {Scan::after, key(1), 5});
    std::vector<std::string> texts{"zz", "0", good + "00", std::string(34, 'f')};
    for (std::size_t length = 1; length < good.size(); ++length) texts.push_back(good.substr(0, length));
    for (const auto& text : texts) {
        const auto read = decode_cursor(nonce, text);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_TRUE(read.error().code == Errc::invalid || read.error().code == Errc::truncated) << text;
    }
}

}  // namespace
}  // namespace wcmp::node
