#include "client/judged_day.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

constexpr Day this_day{20'700};
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
constexpr OwnClock a_clock{.day = this_day};
constexpr OwnClock good_clock{.day = this_day, .disciplined = true};

TEST(JudgedDay, AllAgree) {
    for (const auto& clock : {a_clock, good_clock}) {
        const auto judged = judge_day(sure_of(this_day), clock, this_day);
        EXPECT_EQ(judged.today, this_day);
        EXPECT_EQ(judged.saved, this_day);
        EXPECT_EQ(judged.sure, this_day);
        EXPECT_EQ(judged.doubt, DayDoubt::none);
    }
}

TEST(JudgedDay, NoRelayRaisesADayFarBeyondWhatIsKnown) {
    for (const auto& relay : {sure_of(far_ahead), at_least(far_ahead)})
        for (const auto& clock : {a_clock, good_clock, no_clock}) {
            const auto judged = judge_day(relay, clock, this_day);
            EXPECT_EQ(judged.today, this_day);
            EXPECT_EQ(judged.saved, this_day);
            EXPECT_LE(judged.sure.value_or(this_day), this_day);
            EXPECT_EQ(judged.doubt, DayDoubt::relay_ahead);
        }
}

TEST(JudgedDay, ARelayThatIsNotSureRaisesNothingThatIsKept) {
    const auto judged = judge_day(at_least(after(this_day, 30)), no_clock, this_day);
    EXPECT_EQ(judged.today, after(this_day, 30));
    EXPECT_EQ(judged.saved, this_day);
    EXPECT_FALSE(judged.sure);
    const auto with_clock = judge_day(at_least(after(this_day, 30)), a_clock, this_day);
    EXPECT_EQ(with_clock.today, this_day);
    EXPECT_EQ(with_clock.saved, this_day);
    EXPECT_FALSE(with_clock.sure);
    EXPECT_EQ(with_clock.doubt, DayDoubt::relay_ahead);
}

// A relay that was off for long says the least that it can be; the own clock knows better.
TEST(JudgedDay, ARelayThatLagsDoesNotMakeMessagesDieEarly) {
    const auto judged = judge_day(at_least(Day{20'600}), a_clock, Day{20'650});
    EXPECT_EQ(judged.today, this_day);
    EXPECT_EQ(judged.saved, Day{20'650});
    EXPECT_EQ(judged.doubt, DayDoubt::none);
    EXPECT_EQ(judge_day(at_least(Day{20'000}), a_clock, {}).doubt, DayDoubt::clocks_differ);
    EXPECT_EQ(judge_day(at_least(Day{20'000}), good_clock, {}).doubt, DayDoubt::none);
}

// Months later, on a machine that has no clock.
TEST(JudgedDay, WithoutAClockARelayThatIsSureIsFollowed) {
    const auto judged = judge_day(sure_of(after(this_day, 90)), no_clock, this_day);
    EXPECT_EQ(judged.today, after(this_day, 90));
    EXPECT_EQ(judged.saved, after(this_day, 90));
    EXPECT_EQ(judged.sure, after(this_day, 90));
}

TEST(JudgedDay, TheFirstDayThatIsHeardDeletesNothing) {
    const auto judged = judge_day(sure_of(far_ahead), no_clock, {});
    EXPECT_EQ(judged.saved, far_ahead);
    EXPECT_FALSE(judged.sure);
    EXPECT_EQ(judge_day(at_least(far_ahead), no_clock, {}).saved, Day{});
}

TEST(JudgedDay, WhatIsDeletedByIsWhatBothSay) {
    EXPECT_EQ(judge_day(sure_of(after(this_day, 100)), a_clock, this_day).sure, this_day);
    EXPECT_EQ(judge_day(sure_of(Day{20'600}), a_clock, this_day).sure, Day{20'600});
    EXPECT_EQ(judge_day(at_least(this_day), good_clock, this_day).sure, this_day);
    EXPECT_FALSE(judge_day(at_least(this_day), a_clock, this_day).sure);
}

TEST(JudgedDay, AGoodClockIsGoneBy) {
    const auto judged = judge_day(sure_of(after(this_day, 100)), good_clock, this_day);
    EXPECT_EQ(judged.today, this_day);
    EXPECT_EQ(judged.doubt, DayDoubt::relay_ahead);
    EXPECT_EQ(judge_day(sure_of(after(this_day, 100)), a_clock, this_day).doubt, DayDoubt::clocks_differ);
}

TEST(JudgedDay, ADayKeptTooHighIsTakenBack) {
    struct Case {
        RelayDay relay;
        OwnClock clock;
        Day saved;
    };
    for (const auto& [relay, clock, saved] :
         {Case{sure_of(this_day), a_clock, far_ahead}, Case{sure_of(this_day), a_clock, after(this_day, 2)},
          Case{at_least(this_day), good_clock, after(this_day, 2)},
          Case{at_least(Day{20'000}), a_clock, far_ahead}, Case{sure_of(this_day), no_clock, far_ahead}}) {
        const auto judged = judge_day(relay, clock, saved);
        EXPECT_EQ(judged.saved, this_day);
        EXPECT_EQ(judged.today, this_day);
        EXPECT_EQ(judged.doubt, DayDoubt::saved_taken_back);
    }
    EXPECT_EQ(judge_day(at_least(this_day), a_clock, after(this_day, 100)).saved, after(this_day, 100));
    EXPECT_EQ(judge_day(at_least(this_day), no_clock, far_ahead).saved, far_ahead);
    EXPECT_EQ(judge_day(sure_of(this_day), a_clock, after(this_day, 1)).saved, after(this_day, 1));
}

TEST(JudgedDay, AFolderIsVisitedByTheLowerDay) {
    EXPECT_EQ(day_of_visit(at_least(far_ahead), a_clock), this_day);
    EXPECT_EQ(day_of_visit(sure_of(far_ahead), a_clock), this_day);
    EXPECT_EQ(day_of_visit(sure_of(this_day), OwnClock{.day = far_ahead}), this_day);
    EXPECT_EQ(day_of_visit(at_least(this_day), no_clock), this_day);
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
