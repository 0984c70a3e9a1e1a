// Directories and what people plug in: when each is visited, and that it is.
#include "drive_states_fixture.h"

namespace wcmp::node::test {
namespace {

using testing::ElementsAre;

VisitReport done() {
    return {.end = VisitReport::End::done};
}

struct DriveSessionsTest : DriveStates {
    const drives::DriveId two{2};

    void add(drives::DriveId id, Kind kind = Kind::directory) {
        DriveStates::add(Readiness::ready, kind, id);
    }
    std::vector<DriveSessions::Start> starts(DriveSessions::Time now) { return DriveStates::start(now); }
    std::vector<std::uint32_t> start(DriveSessions::Time now) {
        std::vector<std::uint32_t> started;
        for (const auto& start : starts(now)) started.push_back(start.id.number);
        return started;
    }
    void visit(drives::DriveId id, DriveSessions::Time now) {
        ASSERT_THAT(start(now), ElementsAre(id.number));
        sessions.finished(id, done(), now);
    }
    std::string_view state(std::size_t position = 0) { return sessions.infos().at(position).state; }
};

TEST_F(DriveSessionsTest, TheFirstVisitIsAtOnce) {
    add(one);
    EXPECT_EQ(state(), "waiting");
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.added","drive":"d1","kind":"directory")"));
    EXPECT_EQ(sessions.next_due(), seconds(0));
    EXPECT_THAT(start(seconds(0)), ElementsAre(1));
    EXPECT_EQ(state(), "busy");
    EXPECT_THAT(start(seconds(0)), ElementsAre()) << "it is under way";
}

TEST_F(DriveSessionsTest, NeverMoreThanOnceAMinute) {
    add(one);
    visit(one, seconds(0));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    sessions.changed(one, seconds(1));
    sessions.changed(one, seconds(2));
    EXPECT_EQ(sessions.next_due(), seconds(60));
    EXPECT_THAT(start(seconds(59)), ElementsAre());
    visit(one, seconds(60));
    sessions.changed(one, seconds(500));
    visit(one, seconds(500));
}

TEST_F(DriveSessionsTest, HalfAMinuteAfterTheStoreChanged) {
    add(one);
    add(two);
    start(seconds(0));
    sessions.finished(one, done(), seconds(1));
    sessions.finished(two, done(), seconds(1));
    sessions.store_changed(seconds(100), two);
    EXPECT_EQ(sessions.next_due(), seconds(130));
    EXPECT_THAT(start(seconds(130)), ElementsAre(1)) << "the one that brought it has it";
    EXPECT_EQ(sessions.next_due(), seconds(130) + DriveSessions::silence_max) << "when it may have hung";
}

TEST_F(DriveSessionsTest, ADriveThatIsCarriedIsNotVisitedAgainForArrivals) {
    add(one, Kind::mountd);
    visit(one, seconds(0));
    sessions.store_changed(seconds(100), {});
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveSessionsTest, WhatChangesDuringAVisitIsLookedAtAfterIt) {
    add(one);
    start(seconds(0));
    sessions.changed(one, seconds(5));
    EXPECT_THAT(start(seconds(60)), ElementsAre()) << "not while it is busy";
    sessions.finished(one, done(), seconds(90));
    EXPECT_EQ(sessions.next_due(), seconds(60));
    EXPECT_THAT(start(seconds(90)), ElementsAre(1));
}

TEST_F(DriveSessionsTest, SomeAtOnceTheRestWaits) {
    for (std::uint32_t i = 0; i < DriveSessions::visits_at_once_max + 2; ++i) add({i});
    EXPECT_THAT(start(seconds(0)), SizeIs(DriveSessions::visits_at_once_max));
    EXPECT_EQ(sessions.next_due(), DriveSessions::silence_max) << "when one may have hung";
    sessions.finished({0}, done(), seconds(1));
    EXPECT_THAT(start(seconds(1)), SizeIs(1));
}

TEST_F(DriveSessionsTest, DamageThatIsLeftIsToldWhileTheDriveIsThere) {
    add(one);
    start(seconds(0));
    auto report = done();
    report.result.damaged_left = 2;
    sessions.finished(one, report, seconds(1));
    EXPECT_EQ(sessions.infos().at(0).result->damaged_left, 2u);
    EXPECT_THAT(last_event(), HasSubstr(R"("damaged_left":2)"));
    EXPECT_TRUE(sessions.damage_left());
    sessions.removed(one, seconds(2));
    EXPECT_FALSE(sessions.damage_left());
}

TEST_F(DriveSessionsTest, AFailedDirectoryIsTriedAgain) {
    add(one);
    start(seconds(0));
    sessions.finished(one, {.end = VisitReport::End::failed, .error = Error{Errc::io, "read", 5}},
                      seconds(1));
    EXPECT_EQ(state(), "failed");
    EXPECT_THAT(last_event(),
                HasSubstr(R"("type":"drive.failed","drive":"d1","code":"io","detail":"the drive)"));
    EXPECT_EQ(sessions.next_due(), seconds(1) + minutes(10));
}

TEST_F(DriveSessionsTest, WhereOthersWereAtWorkItIsVisitedAgainAMinuteLater) {
    add(one);
    start(seconds(0));
    auto report = done();
    report.result.others_at_work = true;
    sessions.finished(one, report, seconds(1));
    EXPECT_EQ(state(), "done");
    EXPECT_EQ(sessions.next_due(), minutes(1));
    visit(one, minutes(1));
    EXPECT_FALSE(sessions.next_due().has_value());
}

TEST_F(DriveSessionsTest, AnUnpreparedDriveIsSaidToBeSo) {
    add(one, Kind::desktop);
    start(seconds(0));
    sessions.finished(one, {.end = VisitReport::End::unprepared}, seconds(1));
    EXPECT_EQ(state(), "unprepared");
    EXPECT_THAT(last_event(), HasSubstr(R"("code":"unprepared")"));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveSessionsTest, ARemovedDriveIsAskedToEndAndGoesAtTheEnd) {
    add(one);
    const auto started = starts(seconds(0));
    ASSERT_THAT(started, SizeIs(1));
    sessions.removed(one, seconds(2));
    sessions.removed(one, seconds(2));
    sessions.changed(one, seconds(100));
    EXPECT_TRUE(started[0].stop.stop_requested());
    EXPECT_EQ(sessions.next_due(), seconds(32)) << "then its worker is left alone";
    EXPECT_EQ(state(), "removed");
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.removed","drive":"d1")"));
    EXPECT_EQ(events.size(), 2u);
    sessions.finished(one, {.end = VisitReport::End::failed, .error = Error{Errc::io, "read", 5}},
                      seconds(1));
    EXPECT_THAT(sessions.infos(), SizeIs(0));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveSessionsTest, ADriveThatWasNotBusyGoesAtOnce) {
    add(one);
    sessions.removed(one, seconds(2));
    EXPECT_THAT(sessions.infos(), SizeIs(0));
    sessions.removed(two, seconds(2));
    sessions.changed(two, seconds(1));
    sessions.finished(two, done(), seconds(1));
    sessions.progress(two, {}, seconds(1));
}

TEST_F(DriveSessionsTest, StoppingStartsNoMore) {
    add(one);
    add(two);
    const auto started = starts(seconds(0));
    sessions.stop();
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    sessions.finished(one, {.end = VisitReport::End::failed, .error = Error{Errc::cancelled, "stopped"}},
                      seconds(1));
    sessions.finished(two, done(), seconds(1));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    sessions.changed(one, seconds(100));
    EXPECT_THAT(start(seconds(200)), SizeIs(0));
}

}  // namespace
}  // namespace wcmp::node::test
