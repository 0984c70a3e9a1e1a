#include "node/clock_keeper.h"

#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using std::chrono::hours;

constexpr Day build{20'000};

struct ClockKeeperTest : testing::Test {
    ManualClock clock;
    store::State saved;

    ClockKeeperTest() { show(20'010); }
    void show(std::uint32_t day) { clock.system = std::chrono::sys_seconds(std::chrono::days(day)); }
    ClockKeeper keeper() {
        return {store::ClockTrust({.build_day = build, .high_water = saved.high_water}, clock), clock};
    }
};

TEST_F(ClockKeeperTest, WhenTrustBeginsTheDeadAreLookedFor) {
    auto kept = keeper();
    kept.update();
    EXPECT_EQ(kept.today().floor, build);
    clock.is_disciplined = true;
    const auto change = kept.update();
    EXPECT_TRUE(change.dead_may_differ);
    EXPECT_TRUE(change.trust);
    EXPECT_EQ(kept.today().floor, Day{20'010});
    EXPECT_FALSE(kept.update().dead_may_differ);
}

TEST_F(ClockKeeperTest, UptimeRaisesTheFloor) {
    auto kept = keeper();
    kept.update();
    clock.advance(hours(25));
    EXPECT_TRUE(kept.update().dead_may_differ);
    EXPECT_EQ(kept.today().floor, Day{20'001});
}

TEST_F(ClockKeeperTest, AClockBehindIsAWarning) {
    show(19'000);
    clock.is_disciplined = true;
    auto kept = keeper();
    kept.update();
    EXPECT_EQ(kept.warning(), store::ClockWarning::clock_behind);
    EXPECT_EQ(kept.trust(), store::Trust::none);
}

TEST_F(ClockKeeperTest, TheHighWaterDayIsWrittenAtMostOnceADay) {
    saved.high_water = build;
    show(20'000);
    auto kept = keeper();
    clock.advance(hours(24));
    kept.update();
    auto state = kept.to_save(saved);
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->high_water, Day{20'001});
    saved = *state;
    clock.is_disciplined = true;
    show(20'010);
    kept.update();
    EXPECT_EQ(kept.today().floor, Day{20'010});
    EXPECT_FALSE(kept.to_save(saved).has_value()) << "it rose, but it was written today";
    clock.advance(hours(24));
    kept.update();
    state = kept.to_save(saved);
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->high_water, Day{20'011});
}

// A box that is switched off before it finds a time server for the first time.
TEST_F(ClockKeeperTest, ADayThatNobodyHasLearnedIsNotWritten) {
    show(20'400);
    auto first = keeper();
    EXPECT_FALSE(first.to_save(saved).has_value());
    auto second = keeper();
    clock.is_disciplined = true;
    second.update();
    EXPECT_EQ(second.trust(), store::Trust::synced) << "the wide limit of a first start still holds";
    const auto state = second.to_save(saved);
    ASSERT_TRUE(state.has_value()) << "what is learned is written at once";
    EXPECT_EQ(state->high_water, Day{20'400});
}

TEST_F(ClockKeeperTest, WhatTheOperatorSaysIsWrittenAtOnce) {
    saved.high_water = build;
    clock.advance(hours(24));
    auto kept = keeper();
    EXPECT_FALSE(kept.to_save(saved).has_value());
    ASSERT_TRUE(kept.set_by_operator(Day{20'100}).has_value());
    EXPECT_EQ(kept.trust(), store::Trust::operator_set);
    const auto state = kept.to_save(saved);
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->high_water, Day{20'100});
    EXPECT_FALSE(kept.set_by_operator(Day{19'999}).has_value()) << "below the build day";
}

}  // namespace
}  // namespace wcmp::node
