// Who goes when a store is too full: the rank, the choice of a threshold, and its rise.
#include "store/eviction.h"

#include "core/random.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

namespace wcmp::store::test {
namespace {

using Ranked = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // rank, bytes

std::uint64_t found_threshold(const Ranked& messages, unsigned* rounds = nullptr) {
    ThresholdSearch search;
    for (unsigned round = 1;; ++round) {
        for (const auto& [rank, bytes] : messages) search.add(rank, bytes);
        const auto found = search.end_round();
        if (rounds != nullptr) *rounds = round;
        if (found) return *found;
        if (round == 4) {
            ADD_FAILURE() << "64 bits in 4 rounds";
            return 0;
        }
    }
}

// By sorting: what the search must find without it.
std::uint64_t expected_threshold(const Ranked& messages) {
    std::map<std::uint64_t, std::uint64_t, std::greater<>> by_rank;
    std::uint64_t total = 0;
    for (const auto& [rank, bytes] : messages) {
        by_rank[rank] += bytes;
        total += bytes;
    }
    std::uint64_t above = 0;
    for (const auto& [rank, bytes] : by_rank)
        if ((above += bytes) * 5 >= total) return rank;
    return threshold_max;
}

TEST(Eviction, TheRankIsTheStartOfTheHmac) {
    std::array<std::uint8_t, 32> salt{};
    salt.fill(0x0b);
    MessageId id;
    id.bytes.fill(0xcd);
    const auto code = crypto::hmac_sha256(salt, id.view());
    std::uint64_t expected = 0;
    for (int i = 0; i < 8; ++i) expected = expected * 256 + code[static_cast<std::size_t>(i)];
    Ranking ranking(salt);
    EXPECT_EQ(ranking.rank(id.view()), expected);
    EXPECT_EQ(ranking.rank(id.view()), expected) << "the same again";
    salt[31] ^= 1;
    EXPECT_NE(Ranking(salt).rank(id.view()), expected);
}

TEST(Eviction, TheThresholdIsTheLargestThatEvictsAFifth) {
    constexpr std::uint64_t top = ~std::uint64_t{0};
    struct Case {
        Ranked messages;
        std::uint64_t threshold;
    };
    const Case cases[] = {
        {{}, threshold_max},
        {{{7, 100}}, 7},
        {{{0, 1}}, 0},
        {{{top, 1}}, top},
        {{{1, 20}, {2, 20}, {3, 20}, {4, 20}, {5, 20}}, 5},
        {{{1, 20}, {2, 20}, {3, 20}, {4, 21}, {5, 20}}, 4},  // 20 of 101 are less than a fifth
        {{{1, 20}, {2, 20}, {3, 20}, {4, 20}, {5, 19}}, 4},
        {{{1, 1000}, {9, 1}}, 1},
        {{{1, 1}, {9, 1000}}, 9},
        {{{5, 10}, {5, 10}, {5, 10}}, 5},  // copies
        {{{top - 1, 4}, {top, 1}}, top},   // told apart by the last bit
        {{{top - 1, 5}, {top, 1}}, top - 1},
        {{{1ULL << 48, 5}, {(1ULL << 48) + 1, 4}, {1, 90}}, 1},
    };
    for (const auto& [messages, threshold] : cases) {
        EXPECT_EQ(found_threshold(messages), threshold);
        EXPECT_EQ(expected_threshold(messages), threshold);
    }
}

TEST(Eviction, TheThresholdIsExactWhateverTheRanks) {
    SeededRandom random(1);
    for (int run = 0; run < 60; ++run) {
        Ranked messages(1 + random.next() % 300);
        const auto bits = random.next() % 64;  // that ranks have in common, or few ranks in all
        const auto start = random.next();
        for (auto& [rank, bytes] : messages) {
            rank = run % 2 == 0 ? start ^ random.next() >> bits : random.next() << bits;
            bytes = 1 + random.next() % 5000;
        }
        EXPECT_EQ(found_threshold(messages), expected_threshold(messages)) << run;
    }
}

// Each round is a walk through all indexes.
TEST(Eviction, RanksThatAreSpreadEvenlyTakeTwoRounds) {
    SeededRandom random(2);
    Ranked messages(200'000);
    for (auto& [rank, bytes] : messages) {
        rank = random.next();
        bytes = 2000;
    }
    unsigned rounds = 0;
    EXPECT_EQ(found_threshold(messages, &rounds), expected_threshold(messages));
    EXPECT_LE(rounds, 2U);
}

TEST(Eviction, AFifthIsWorthARewrite) {
    EXPECT_FALSE(is_worth_rewriting(0, 0));
    EXPECT_FALSE(is_worth_rewriting(0, 100));
    EXPECT_FALSE(is_worth_rewriting(19, 100));
    EXPECT_TRUE(is_worth_rewriting(20, 100));
    EXPECT_FALSE(is_worth_rewriting(20, 101));
    EXPECT_TRUE(is_worth_rewriting(21, 101));
    EXPECT_TRUE(is_worth_rewriting(1, 1));
    for (std::uint64_t bytes = 1; bytes < 200; ++bytes)
        for (std::uint64_t dropped = 0; dropped <= bytes; ++dropped)
            EXPECT_EQ(is_worth_rewriting(dropped, bytes), dropped > 0 && bytes - dropped <= 4 * dropped);
}

TEST(Eviction, TheThresholdRisesByHalfWithRoomAndSeldom) {
    using std::chrono::hours;
    EXPECT_TRUE(may_raise({.bytes = 0, .quota = 100}));
    EXPECT_TRUE(may_raise({.bytes = 74, .quota = 100}));
    EXPECT_FALSE(may_raise({.bytes = 75, .quota = 100}));
    EXPECT_FALSE(may_raise({.bytes = 74, .quota = 100, .now = hours(15), .last = hours(10)}));
    EXPECT_TRUE(may_raise({.bytes = 74, .quota = 100, .now = hours(16), .last = hours(10)}));
    EXPECT_EQ(raised(1000), 1500U);
    EXPECT_EQ(raised(threshold_max / 2), threshold_max / 2 + threshold_max / 4);
    EXPECT_EQ(raised(threshold_max / 3 * 2 - 2), threshold_max - 3);
    EXPECT_EQ(raised(threshold_max / 3 * 2 + 2), threshold_max);
    EXPECT_EQ(raised(threshold_max), threshold_max);
}

}  // namespace
}  // namespace wcmp::store::test
