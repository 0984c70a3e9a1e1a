#include "store/clock_trust.h"

#include "core/random.h"

#include <gtest/gtest.h>

namespace wcmp::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Day build{20'000};

ManualClock clock_at(std::uint32_t day, bool disciplined) {
    ManualClock clock;
    clock.system = std::chrono::sys_seconds(std::chrono::days(day)) + hours(12);
    clock.boot = hours(1);
    clock.is_disciplined = disciplined;
    return clock;
}

void set_day(ManualClock& clock, std::uint32_t day) {
    clock.system = std::chrono::sys_seconds(std::chrono::days(day)) + hours(12);
}

// As the daemon does it: a look every hour.
void run_hours(ClockTrust& trust, ManualClock& clock, int count) {
    for (int i = 0; i < count; ++i) {
        clock.advance(hours(1));
        trust.update(clock);
    }
}

ClockTrust::Start known(std::uint32_t high_water) {
    return {.build_day = build, .high_water = Day{high_water}};
}

TEST(ClockTrust, FloorStartsAtTheLaterOfBuildDayAndHighWaterDay) {
    const auto clock = clock_at(0, false);
    EXPECT_EQ(ClockTrust(known(20'100), clock).floor(), Day{20'100});
    EXPECT_EQ(ClockTrust(known(19'000), clock).floor(), build);
    EXPECT_EQ(ClockTrust({.build_day = build, .high_water = {}}, clock).floor(), build);
}

TEST(ClockTrust, WithoutTrustTheFloorRisesByWholeDaysOfUptime) {
    auto clock = clock_at(0, false);
    ClockTrust trust(known(20'100), clock);
    clock.advance(hours(23));
    trust.update(clock);
    EXPECT_EQ(trust.floor(), Day{20'100});
    clock.advance(hours(1));
    trust.update(clock);
    EXPECT_EQ(trust.floor(), Day{20'101});
    clock.advance(hours(71));
    trust.update(clock);
    EXPECT_EQ(trust.floor(), Day{20'103});
    clock.advance(hours(1));
    trust.update(clock);
    EXPECT_EQ(trust.floor(), Day{20'104});
    EXPECT_EQ(trust.guard(), Day{20'104});
    EXPECT_EQ(trust.trust(), Trust::none);
    EXPECT_EQ(trust.today().trusted, std::nullopt);
}

struct Row {
    const char* what;
    std::uint32_t system_day;
    bool disciplined;
    bool rtc;
    Trust trust;
    ClockWarning warning;
    std::uint32_t floor;
};

TEST(ClockTrust, TableOfFirstLooksWithAHighWaterDay) {
    const Row rows[] = {
        {"disciplined, same day", 20'100, true, false, Trust::synced, ClockWarning::none, 20'100},
        {"disciplined, 14 ahead", 20'114, true, false, Trust::synced, ClockWarning::none, 20'114},
        {"disciplined, 15 ahead", 20'115, true, false, Trust::none, ClockWarning::clock_ahead, 20'100},
        {"disciplined, 1 behind", 20'099, true, false, Trust::none, ClockWarning::clock_behind, 20'100},
        {"the epoch", 0, false, false, Trust::none, ClockWarning::clock_behind, 20'100},
        {"in range, nobody vouches", 20'105, false, false, Trust::none, ClockWarning::none, 20'100},
        {"in range, trusted RTC", 20'105, false, true, Trust::synced, ClockWarning::none, 20'105},
        {"too far, trusted RTC", 20'200, false, true, Trust::none, ClockWarning::clock_ahead, 20'100},
        {"too far, nobody vouches", 20'200, false, false, Trust::none, ClockWarning::clock_ahead, 20'100},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.what);
        auto start = known(20'100);
        start.trust_rtc = row.rtc;
        const ClockTrust trust(start, clock_at(row.system_day, row.disciplined));
        EXPECT_EQ(trust.trust(), row.trust);
        EXPECT_EQ(trust.warning(), row.warning);
        EXPECT_EQ(trust.floor(), Day{row.floor});
        EXPECT_EQ(trust.today().floor, Day{row.floor});
        EXPECT_EQ(trust.today().trusted.has_value(), row.trust != Trust::none);
    }
}

TEST(ClockTrust, FirstStartAllowsThreeYearsFromTheBuildDay) {
    const ClockTrust::Start start{.build_day = build, .high_water = {}};
    EXPECT_EQ(ClockTrust(start, clock_at(21'096, true)).trust(), Trust::synced);
    EXPECT_EQ(ClockTrust(start, clock_at(21'097, true)).warning(), ClockWarning::clock_ahead);

    auto clock = clock_at(20'500, true);
    ClockTrust trust(start, clock);
    run_hours(trust, clock, 48);
    EXPECT_EQ(trust.trust(), Trust::synced) << "the wide limit holds for the whole first run";
    EXPECT_EQ(trust.floor(), Day{20'502});
}

TEST(ClockTrust, AFirstStartThatLearnsNothingWritesNoHighWaterDay) {
    const ClockTrust::Start start{.build_day = build, .high_water = {}};
    auto clock = clock_at(0, false);
    ClockTrust trust(start, clock);
    EXPECT_EQ(trust.high_water(), std::nullopt);
    run_hours(trust, clock, 24);
    EXPECT_EQ(trust.high_water(), Day{20'001});
    EXPECT_EQ(ClockTrust(start, clock_at(build.number, true)).high_water(), build);
    EXPECT_EQ(ClockTrust(known(20'007), clock_at(0, false)).high_water(), Day{20'007});
}

TEST(ClockTrust, TrustRaisesTheFloorButNotTheGuard) {
    auto clock = clock_at(20'110, true);
    ClockTrust trust(known(20'100), clock);
    EXPECT_EQ(trust.floor(), Day{20'110});
    EXPECT_EQ(trust.guard(), Day{20'100});

    set_day(clock, 20'124);  // 14 above the floor, 24 above the guard: a clock cannot be walked away
    trust.update(clock);
    EXPECT_EQ(trust.trust(), Trust::none);
    EXPECT_EQ(trust.warning(), ClockWarning::clock_ahead);
    EXPECT_EQ(trust.floor(), Day{20'110});
}

TEST(ClockTrust, LosingDisciplineEndsTrustAndKeepsTheFloor) {
    auto clock = clock_at(20'105, true);
    ClockTrust trust(known(20'100), clock);
    clock.is_disciplined = false;
    set_day(clock, 20'104);
    trust.update(clock);
    EXPECT_EQ(trust.trust(), Trust::none);
    EXPECT_EQ(trust.warning(), ClockWarning::clock_behind);
    EXPECT_EQ(trust.floor(), Day{20'105});
}

TEST(ClockTrust, ASlewedClockDoesNotFallBehindItsOwnFloor) {
    auto clock = clock_at(20'100, true);
    clock.system = std::chrono::sys_seconds(std::chrono::days(20'100));  // midnight: the worst anchor
    ClockTrust trust(known(20'100), clock);
    for (int hour = 0; hour < 24 * 30; ++hour) {
        clock.boot += hours(1);
        clock.system += hours(1) - std::chrono::seconds(1);
        trust.update(clock);
        ASSERT_EQ(trust.warning(), ClockWarning::none) << hour;
    }
}

TEST(ClockTrust, AClockFarAheadIsConfirmedByADayOfDiscipline) {
    auto clock = clock_at(20'300, true);
    ClockTrust trust(known(20'100), clock);
    run_hours(trust, clock, 23);
    EXPECT_EQ(trust.warning(), ClockWarning::clock_ahead);
    ASSERT_TRUE(trust.ahead());
    EXPECT_EQ(trust.ahead()->hours, 23u);
    run_hours(trust, clock, 1);
    EXPECT_EQ(trust.trust(), Trust::synced);
    EXPECT_EQ(trust.warning(), ClockWarning::none);
    EXPECT_EQ(trust.floor(), Day{20'301});
    EXPECT_EQ(trust.ahead(), std::nullopt);
    run_hours(trust, clock, 48);
    EXPECT_EQ(trust.trust(), Trust::synced) << "what was confirmed stays confirmed";
}

TEST(ClockTrust, RestartsCountTogetherAndPausesGoForward) {
    std::optional<AheadCount> ahead;
    std::uint32_t day = 20'300;
    for (int run = 0; run < 3; ++run) {
        auto start = known(20'100);
        start.ahead = ahead;
        auto clock = clock_at(day, true);
        ClockTrust trust(start, clock);
        ASSERT_EQ(trust.trust(), Trust::none) << run;
        run_hours(trust, clock, 9);
        ahead = trust.ahead();
        day += 40;  // switched off for weeks
        if (run == 2) {
            EXPECT_EQ(trust.trust(), Trust::synced);
        }
    }
}

TEST(ClockTrust, ARestartWithAnEarlierDayDropsTheCount) {
    auto start = known(20'100);
    start.ahead = AheadCount{20, Day{20'300}};
    const ClockTrust one_back(start, clock_at(20'299, true));
    EXPECT_EQ(one_back.ahead(), (AheadCount{20, Day{20'299}}));
    const ClockTrust two_back(start, clock_at(20'298, true));
    EXPECT_EQ(two_back.ahead(), (AheadCount{0, Day{20'298}}));
}

TEST(ClockTrust, AJumpWithinARunDropsTheCount) {
    auto clock = clock_at(20'300, true);
    ClockTrust trust(known(20'100), clock);
    run_hours(trust, clock, 10);
    set_day(clock, 20'305);
    trust.update(clock);
    EXPECT_EQ(trust.ahead(), (AheadCount{0, Day{20'305}}));
}

TEST(ClockTrust, UptimeAloneConfirmsNothing) {
    auto clock = clock_at(20'300, false);
    auto start = known(20'100);
    start.trust_rtc = true;
    ClockTrust trust(start, clock);
    run_hours(trust, clock, 24 * 7);
    EXPECT_EQ(trust.trust(), Trust::none);
    EXPECT_EQ(trust.floor(), Day{20'107});
}

TEST(ClockTrust, HoursNobodyLookedAtDoNotCount) {
    auto clock = clock_at(20'300, true);
    ClockTrust trust(known(20'100), clock);
    clock.advance(hours(30));  // suspended
    trust.update(clock);
    EXPECT_EQ(trust.trust(), Trust::none);
    EXPECT_EQ(trust.ahead()->hours, 0u);

    clock.is_disciplined = false;
    run_hours(trust, clock, 5);
    clock.is_disciplined = true;
    trust.update(clock);
    EXPECT_EQ(trust.ahead()->hours, 0u);
    run_hours(trust, clock, 2);
    EXPECT_EQ(trust.ahead()->hours, 2u);
}

TEST(ClockTrust, ADisciplinedClockBelowTheFloorEndsTheCount) {
    auto clock = clock_at(20'300, true);
    ClockTrust trust(known(20'100), clock);
    run_hours(trust, clock, 10);
    set_day(clock, 20'050);
    trust.update(clock);
    EXPECT_EQ(trust.ahead(), std::nullopt);
}

TEST(ClockTrust, TheOperatorMayGoBackAndForwardButNotBelowTheBuildDay) {
    auto clock = clock_at(0, false);
    ClockTrust trust(known(20'400), clock);
    const auto refused = trust.set_by_operator(Day{19'999}, clock);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_EQ(trust.floor(), Day{20'400});

    ASSERT_TRUE(trust.set_by_operator(Day{20'200}, clock));
    EXPECT_EQ(trust.floor(), Day{20'200});
    EXPECT_EQ(trust.guard(), Day{20'200});
    EXPECT_EQ(trust.high_water(), Day{20'200});
    EXPECT_EQ(trust.trust(), Trust::operator_set);
    EXPECT_EQ(trust.warning(), ClockWarning::none);
    EXPECT_EQ(trust.today().trusted, Day{20'200});
    run_hours(trust, clock, 24);
    EXPECT_EQ(trust.trust(), Trust::operator_set);
    EXPECT_EQ(trust.floor(), Day{20'201});
}

TEST(ClockTrust, AfterTheOperatorTheSystemDayCountsOnceItIsInRange) {
    auto clock = clock_at(20'300, true);
    ClockTrust trust(known(20'100), clock);
    ASSERT_TRUE(trust.set_by_operator(Day{20'290}, clock));
    EXPECT_EQ(trust.trust(), Trust::operator_set);
    trust.update(clock);
    EXPECT_EQ(trust.trust(), Trust::synced);
    EXPECT_EQ(trust.floor(), Day{20'300});
    clock.is_disciplined = false;
    trust.update(clock);
    EXPECT_EQ(trust.trust(), Trust::operator_set);
}

TEST(ClockTrust, AnOperatorOnAFirstStartEndsTheWideLimit) {
    auto clock = clock_at(20'500, false);
    ClockTrust trust({.build_day = build, .high_water = {}}, clock);
    ASSERT_TRUE(trust.set_by_operator(Day{20'010}, clock));
    clock.is_disciplined = true;
    trust.update(clock);
    EXPECT_EQ(trust.trust(), Trust::operator_set);
    EXPECT_EQ(trust.floor(), Day{20'010});
}

TEST(ClockTrust, ClocksOutOfEveryRangeAreClamped) {
    ManualClock clock = clock_at(0, true);
    clock.system = std::chrono::sys_seconds(-std::chrono::days(3));
    EXPECT_EQ(ClockTrust(known(20'100), clock).warning(), ClockWarning::clock_behind);
    clock.system = std::chrono::sys_seconds(std::chrono::days(std::int64_t{1} << 40));
    EXPECT_EQ(ClockTrust(known(20'100), clock).warning(), ClockWarning::clock_ahead);
}

// Random histories: jumps, restarts, discipline that comes and goes, and an operator now and then.
class History {
public:
    explicit History(std::uint64_t seed) : random_(seed), clock_(clock_at(20'100, false)) { restart(); }

    void step() {
        const auto before = trust_->floor();
        const auto uptime_before = clock_.boot;
        const bool spoke = act();
        const auto after = trust_->floor();
        if (spoke) {
            anchor_ = {after, clock_.boot};
            return;
        }
        ASSERT_GE(after, before) << "the floor fell";
        // Nothing but a trusted day and whole days of uptime may raise it.
        const auto by_uptime = anchor_.first.number + (clock_.boot - anchor_.second) / hours(24);
        if (trust_->trust() == Trust::synced) {
            anchor_ = {after, clock_.boot};
            ASSERT_TRUE(clock_.is_disciplined);
        } else {
            ASSERT_LE(after.number, by_uptime);
        }
        ASSERT_GE(clock_.boot, uptime_before);
        ASSERT_EQ(trust_->today().trusted.has_value(), trust_->trust() != Trust::none);
    }

private:
    void restart() {
        ClockTrust::Start start{.build_day = build, .high_water = Day{20'100}};
        if (trust_) {
            start.high_water = trust_->high_water();
            start.ahead = trust_->ahead();
        }
        clock_.boot = std::chrono::seconds(30);
        trust_.emplace(start, clock_);
        anchor_ = {trust_->floor(), clock_.boot};
    }

    // True when the floor may be anywhere afterwards.
    bool act() {
        switch (random_.next() % 12) {
        case 0: clock_.is_disciplined = !clock_.is_disciplined; break;
        case 1: set_day(clock_, static_cast<std::uint32_t>(random_.next() % 30'000)); break;
        case 2: clock_.system += std::chrono::days(random_.next() % 20); break;
        case 3: clock_.system -= std::chrono::days(random_.next() % 20); break;
        case 4: clock_.boot += std::chrono::hours(random_.next() % 100); break;
        case 5:
            if (random_.next() % 8 == 0) return restart(), true;
            break;
        case 6:
            if (random_.next() % 8 == 0)
                return trust_
                    ->set_by_operator(Day{20'000 + static_cast<std::uint32_t>(random_.next() % 900)}, clock_)
                    .has_value();
            break;
        default: clock_.advance(minutes(random_.next() % 61)); break;
        }
        trust_->update(clock_);
        return false;
    }

    SeededRandom random_;
    ManualClock clock_;
    std::optional<ClockTrust> trust_;
    std::pair<Day, std::chrono::nanoseconds> anchor_;
};

TEST(ClockTrust, RandomHistoriesNeverExpireByAnUntrustedClock) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        History history(seed);
        for (int i = 0; i < 3'000; ++i) {
            history.step();
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

TEST(ClockTrust, NamesOfTrust) {
    EXPECT_EQ(to_string(Trust::none), "none");
    EXPECT_EQ(to_string(Trust::synced), "synced");
    EXPECT_EQ(to_string(Trust::operator_set), "operator");
}

}  // namespace
}  // namespace wcmp::store
