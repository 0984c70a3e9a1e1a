#include "client/judged_day.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

constexpr Day now{20'700};
constexpr Day far_ahead{47'000};

Day after(Day day, std::uint32_t days) {
    return Day{day.number + days};
}

RelayDay sure_of(Day day) {
    return {.day = day, .trusted = true};
}

RelayDay at_least(Day day) {
    return {.day = day, .trusted = false};
}

constexpr OwnClock no_clock{};
constexpr OwnClock a_clock{.day = now};
constexpr OwnClock good_clock{.day = now, .disciplined = true};

TEST(JudgedDay, AllAgree) {
    for (const auto& clock : {a_clock, good_clock}) {
        const auto judged = judge_day(sure_of(now), clock, now);
        EXPECT_EQ(judged.today, now);
        EXPECT_EQ(judged.saved, now);
        EXPECT_EQ(judged.sure, now);
        EXPECT_EQ(judged.doubt, DayDoubt::none);
    }
}

TEST(JudgedDay, NoRelayRaisesADayFarBeyondWhatIsKnown) {
    for (const auto& relay : {sure_of(far_ahead), at_least(far_ahead)})
        for (const auto& clock : {a_clock, good_clock, no_clock}) {
            const auto judged = judge_day(relay, clock, now);
            EXPECT_EQ(judged.today, now);
            EXPECT_EQ(judged.saved, now);
            EXPECT_LE(judged.sure.value_or(now), now);
            EXPECT_EQ(judged.doubt, DayDoubt::relay_ahead);
        }
}

TEST(JudgedDay, ARelayThatIsNotSureRaisesNothingThatIsKept) {
    const auto judged = judge_day(at_least(after(now, 30)), no_clock, now);
    EXPECT_EQ(judged.today, after(now, 30));
    EXPECT_EQ(judged.saved, now);
    EXPECT_FALSE(judged.sure);
    const auto with_clock = judge_day(at_least(after(now, 30)), a_clock, now);
    EXPECT_EQ(with_clock.today, now);
    EXPECT_EQ(with_clock.saved, now);
    EXPECT_FALSE(with_clock.sure);
    EXPECT_EQ(with_clock.doubt, DayDoubt::relay_ahead);
}

// A relay that was off for long says the least that it can be; the own clock knows better.
TEST(JudgedDay, ARelayThatLagsDoesNotMakeMessagesDieEarly) {
    const auto judged = judge_day(at_least(Day{20'600}), a_clock, Day{20'650});
    EXPECT_EQ(judged.today, now);
    EXPECT_EQ(judged.saved, Day{20'650});
    EXPECT_EQ(judged.doubt, DayDoubt::none);
    EXPECT_EQ(judge_day(at_least(Day{20'000}), a_clock, {}).doubt, DayDoubt::clocks_differ);
    EXPECT_EQ(judge_day(at_least(Day{20'000}), good_clock, {}).doubt, DayDoubt::none);
}

// Months later, on a machine that has no clock.
TEST(JudgedDay, WithoutAClockARelayThatIsSureIsFollowed) {
    const auto judged = judge_day(sure_of(after(now, 90)), no_clock, now);
    EXPECT_EQ(judged.today, after(now, 90));
    EXPECT_EQ(judged.saved, after(now, 90));
    EXPECT_EQ(judged.sure, after(now, 90));
}

TEST(JudgedDay, TheFirstDayThatIsHeardDeletesNothing) {
    const auto judged = judge_day(sure_of(far_ahead), no_clock, {});
    EXPECT_EQ(judged.saved, far_ahead);
    EXPECT_FALSE(judged.sure);
    EXPECT_EQ(judge_day(at_least(far_ahead), no_clock, {}).saved, Day{});
}

TEST(JudgedDay, WhatIsDeletedByIsWhatBothSay) {
    EXPECT_EQ(judge_day(sure_of(after(now, 100)), a_clock, now).sure, now);
    EXPECT_EQ(judge_day(sure_of(Day{20'600}), a_clock, now).sure, Day{20'600});
    EXPECT_EQ(judge_day(at_least(now), good_clock, now).sure, now);
    EXPECT_FALSE(judge_day(at_least(now), a_clock, now).sure);
}

TEST(JudgedDay, AGoodClockIsGoneBy) {
    const auto judged = judge_day(sure_of(after(now, 100)), good_clock, now);
    EXPECT_EQ(judged.today, now);
    EXPECT_EQ(judged.doubt, DayDoubt::relay_ahead);
    EXPECT_EQ(judge_day(sure_of(after(now, 100)), a_clock, now).doubt, DayDoubt::clocks_differ);
}

TEST(JudgedDay, ADayKeptTooHighIsTakenBack) {
    struct Case {
        RelayDay relay;
        OwnClock clock;
        Day saved;
    };
    for (const auto& [relay, clock, saved] :
         {Case{sure_of(now), a_clock, far_ahead}, Case{sure_of(now), a_clock, after(now, 2)},
          Case{at_least(now), good_clock, after(now, 2)}, Case{at_least(Day{20'000}), a_clock, far_ahead},
          Case{sure_of(now), no_clock, far_ahead}}) {
        const auto judged = judge_day(relay, clock, saved);
        EXPECT_EQ(judged.saved, now);
        EXPECT_EQ(judged.today, now);
        EXPECT_EQ(judged.doubt, DayDoubt::saved_taken_back);
    }
    EXPECT_EQ(judge_day(at_least(now), a_clock, after(now, 100)).saved, after(now, 100));
    EXPECT_EQ(judge_day(at_least(now), no_clock, far_ahead).saved, far_ahead);
    EXPECT_EQ(judge_day(sure_of(now), a_clock, after(now, 1)).saved, after(now, 1));
}

TEST(JudgedDay, AFolderIsVisitedByTheLowerDay) {
    EXPECT_EQ(day_of_visit(at_least(far_ahead), a_clock), now);
    EXPECT_EQ(day_of_visit(sure_of(far_ahead), a_clock), now);
    EXPECT_EQ(day_of_visit(sure_of(now), OwnClock{.day = far_ahead}), now);
    EXPECT_EQ(day_of_visit(at_least(now), no_clock), now);
}

TEST(OwnClock, TellsNothingBeforeTheBuild) {
    ManualClock clock;
    clock.system = std::chrono::sys_seconds(std::chrono::days(20'000));
    EXPECT_FALSE(own_clock(clock, Day{20'001}).day);
    EXPECT_EQ(own_clock(clock, Day{20'000}).day, Day{20'000});
    EXPECT_FALSE(own_clock(clock, Day{20'000}).disciplined);
    clock.is_disciplined = true;
    EXPECT_TRUE(own_clock(clock, Day{20'000}).disciplined);
    clock.system = std::chrono::sys_seconds(-std::chrono::days(1));
    EXPECT_FALSE(own_clock(clock, Day{20'000}).day);
}

}  // namespace
}  // namespace wcmp::client
