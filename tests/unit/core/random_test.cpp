#include "core/random.h"

#include "core/clock.h"

#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

namespace wcmp::core {
namespace {

class NoRandom final : public Random {
public:
    Result<void> fill(MutableBytes) override { return fail(Errc::not_seeded, "no seed"); }
};

// Gives the numbers it was made with, as big-endian bytes.
class ScriptedRandom final : public Random {
public:
    explicit ScriptedRandom(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}

    Result<void> fill(MutableBytes into) override {
        const auto number = numbers_.at(drawn++);
        for (std::size_t i = 0; i < into.size(); ++i)
            into[i] = static_cast<std::uint8_t>(number >> (8 * (into.size() - 1 - i)));
        return {};
    }

    std::size_t drawn = 0;

private:
    std::vector<std::uint64_t> numbers_;
};

TEST(Uniform, StaysBelowItsBound) {
    SeededRandom random(1);
    for (const std::uint64_t bound : {1u, 2u, 3u, 10u, 1000u})
        for (int i = 0; i < 1000; ++i) EXPECT_LT(uniform(random, bound).value(), bound);
}

TEST(Uniform, DrawsAgainWhatWouldFavourSmallNumbers) {
    // 2^64 mod 10 is 6: the numbers 0 to 5 are one too many.
    ScriptedRandom random({0, 5, 6, 16});
    EXPECT_EQ(uniform(random, 10).value(), 6u);
    EXPECT_EQ(random.drawn, 3u);
    EXPECT_EQ(uniform(random, 10).value(), 6u);
}

TEST(Uniform, DrawsOnceWhereTheBoundDivides) {
    ScriptedRandom random({0, ~std::uint64_t{0}});
    EXPECT_EQ(uniform(random, 16).value(), 0u);
    EXPECT_EQ(uniform(random, 16).value(), 15u);
}

TEST(Uniform, TakesTheLargestBound) {
    ScriptedRandom random({0, 1});
    EXPECT_EQ(uniform(random, ~std::uint64_t{0}).value(), 1u);
}

TEST(Uniform, IsEven) {
    SeededRandom random(7);
    std::map<std::uint64_t, int> counts;
    for (int i = 0; i < 60'000; ++i) ++counts[uniform(random, 6).value()];
    for (const auto& [value, count] : counts) EXPECT_NEAR(count, 10'000, 500) << value;
}

TEST(Uniform, PassesTheFailureOn) {
    NoRandom random;
    EXPECT_EQ(uniform(random, 10).error().code, Errc::not_seeded);
    std::vector<int> values{1, 2, 3};
    EXPECT_EQ(shuffle(random, values).error().code, Errc::not_seeded);
}

TEST(Shuffle, KeepsEveryElement) {
    SeededRandom random(3);
    std::vector<int> values(100);
    std::iota(values.begin(), values.end(), 0);
    const auto before = values;
    ASSERT_TRUE(shuffle(random, values));
    EXPECT_NE(values, before);
    std::ranges::sort(values);
    EXPECT_EQ(values, before);
}

TEST(Shuffle, GivesEveryOrderAlike) {
    SeededRandom random(4);
    std::map<std::vector<int>, int> counts;
    for (int i = 0; i < 24'000; ++i) {
        std::vector<int> values{1, 2, 3, 4};
        ASSERT_TRUE(shuffle(random, values));
        ++counts[values];
    }
    EXPECT_EQ(counts.size(), 24u);
    for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(Shuffle, LeavesNothingAndOneAlone) {
    NoRandom random;  // not even asked
    std::vector<int> none;
    std::vector<int> one{5};
    EXPECT_TRUE(shuffle(random, none));
    EXPECT_TRUE(shuffle(random, one));
    EXPECT_EQ(one, std::vector<int>{5});
}

TEST(SeededRandom, Repeats) {
    SeededRandom a(9);
    SeededRandom b(9);
    SeededRandom c(10);
    EXPECT_EQ(a.next(), b.next());
    EXPECT_NE(a.next(), c.next());
    // SplitMix64 from state 0, as its authors give it.
    SeededRandom zero(0);
    EXPECT_EQ(zero.next(), 0xe220a8397b1dcdafu);
    EXPECT_EQ(zero.next(), 0x6e789e6aa1b965f4u);
}

TEST(SeededRandom, FillsEveryLength) {
    for (std::size_t length = 0; length < 20; ++length) {
        SeededRandom a(length);
        SeededRandom b(length);
        Bytes first(length);
        Bytes second(length, 0xff);
        ASSERT_TRUE(a.fill(first));
        ASSERT_TRUE(b.fill(second));
        EXPECT_EQ(first, second);
    }
}

TEST(ManualClock, StandsUntilItIsMoved) {
    ManualClock clock;
    EXPECT_EQ(clock.system_time().time_since_epoch().count(), 0);
    EXPECT_FALSE(clock.disciplined());
    clock.advance(std::chrono::hours(25));
    EXPECT_EQ(clock.system_time().time_since_epoch(), std::chrono::hours(25));
    EXPECT_EQ(clock.boot_time(), std::chrono::hours(25));
    clock.is_disciplined = true;
    clock.system = {};
    EXPECT_TRUE(clock.disciplined());
    EXPECT_EQ(clock.system_time().time_since_epoch().count(), 0);
}

}  // namespace
}  // namespace wcmp::core
