// When a drive is tidied after its visit.
#include "drive_states_fixture.h"

namespace wcmp::node::test {
namespace {

struct DriveTidying : DriveStates {
    static VisitReport visited(bool is_due) {
        VisitReport report{.end = VisitReport::End::done};
        report.result.imported = 7;
        report.result.upkeep_due = is_due;
        return report;
    }
    std::size_t starts(DriveSessions::Time now) { return start(now).size(); }
};

TEST_F(DriveTidying, TenSecondsAfterItWasDone) {
    add();
    visit(seconds(0), visited(true));
    EXPECT_EQ(info().state, "done");
    EXPECT_EQ(sessions.next_due(), seconds(11));
    EXPECT_THAT(start(seconds(10)), IsEmpty());
    const auto started = start(seconds(11));
    ASSERT_THAT(started, SizeIs(1));
    EXPECT_TRUE(started[0].tidies);
    EXPECT_EQ(info().state, "busy");
    EXPECT_EQ(info().phase, "tidying");
    sessions.progress(one, {.phase = sync::Phase::tidying, .done_bytes = 1, .total_bytes = 2}, seconds(12));
    EXPECT_THAT(last_event(), HasSubstr(R"("drive.syncing","drive":"d1","phase":"tidying")"));
    sessions.finished(one, {.end = VisitReport::End::done}, seconds(13));
    EXPECT_EQ(info().state, "done");
    EXPECT_EQ(info().result->imported, 7u) << "what the visit brought is told again";
    EXPECT_THAT(last_event(), HasSubstr("drive.done"));
}

TEST_F(DriveTidying, NotWhenNothingIsDue) {
    add();
    visit(seconds(0), visited(false));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    EXPECT_THAT(start(minutes(60)), IsEmpty());
}

TEST_F(DriveTidying, OnceAnInsertion) {
    add();
    visit(seconds(0), visited(true));
    visit(seconds(11), visited(true));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    ASSERT_TRUE(sessions.sync("d1", minutes(5)).has_value());
    visit(minutes(5), visited(true));
    EXPECT_EQ(sessions.next_due(), std::nullopt) << "an operator's visit is no other insertion";

    become(Readiness::empty, minutes(6));
    become(Readiness::ready, minutes(7));
    visit(minutes(7), visited(true));
    EXPECT_EQ(sessions.next_due(), minutes(7) + seconds(11)) << "another card";
}

TEST_F(DriveTidying, ADirectoryIsTidiedOnceAnHour) {
    add(Readiness::ready, Kind::directory);
    visit(seconds(0), visited(true));
    visit(seconds(11), visited(true));
    sessions.store_changed(minutes(10), std::nullopt);
    visit(minutes(11), visited(true));
    EXPECT_EQ(sessions.next_due(), seconds(11) + minutes(60));
}

TEST_F(DriveTidying, WhatIsPulledOutOrWantedIsLetBe) {
    add();
    visit(seconds(0), visited(true));
    sessions.wanted(one, seconds(5));
    EXPECT_THAT(start(seconds(30)), IsEmpty());
    sessions.removed(one, seconds(31));

    add();
    visit(seconds(40), visited(true));
    EXPECT_TRUE(sessions.release("d1", seconds(42)).has_value());
    EXPECT_THAT(start(seconds(80)), IsEmpty());
    sessions.removed(one, seconds(81));

    add();
    visit(seconds(90), visited(true));
    sessions.removed(one, seconds(95));
    EXPECT_THAT(start(seconds(120)), IsEmpty());
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveTidying, WhoeverAskedForItDuringTheVisitHasIt) {
    add();
    start(seconds(0));
    sessions.wanted(one, seconds(1));
    sessions.finished(one, visited(true), seconds(2));
    EXPECT_EQ(info().state, "done");
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

// Somebody mounted it to look at it.
TEST_F(DriveTidying, WhatOthersUseWaits) {
    add();
    visit(seconds(0), visited(true));
    become(Readiness::waiting, seconds(5));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    EXPECT_THAT(start(seconds(30)), IsEmpty());
    become(Readiness::ready, seconds(40));
    EXPECT_EQ(starts(seconds(40)), 1u);
}

TEST_F(DriveTidying, AVisitThatFailedIsNotFollowedByOne) {
    add();
    auto report = visited(true);
    report.end = VisitReport::End::failed;
    report.error = Error{Errc::io, "it failed"};
    visit(seconds(0), report);
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveTidying, WhatFailsInItFails) {
    add();
    visit(seconds(0), visited(true));
    visit(seconds(11), ended(Errc::io));
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "io");
    EXPECT_EQ(info().result->imported, 7u);
}

TEST_F(DriveTidying, WhatItFoundIsTold) {
    add();
    visit(seconds(0), visited(true));
    VisitReport report{.end = VisitReport::End::done};
    report.result.wrong_bundles = 2;
    report.result.salvaged = 5;
    visit(seconds(11), report);
    EXPECT_EQ(info().result->damaged, 2u);
    EXPECT_EQ(info().result->saved, 5u);
}

TEST_F(DriveTidying, AfterThirtySecondsItIsAskedToEnd) {
    add();
    visit(seconds(0), visited(true));
    const auto started = sessions.start_due(seconds(11));
    ASSERT_TRUE(sessions.sets_out(started.at(0), seconds(11), Tidying::longest));
    start(seconds(40));
    EXPECT_FALSE(started[0].stop.stop_requested());
    EXPECT_EQ(sessions.next_due(), seconds(41));
    start(seconds(41));
    EXPECT_TRUE(started[0].stop.stop_requested());
    EXPECT_EQ(info().state, "busy") << "until it is released";
    sessions.finished(one, {.end = VisitReport::End::done}, seconds(42));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveTidying, AVisitThatIsDueComesFirst) {
    add(Readiness::ready, Kind::directory);
    visit(seconds(0), visited(true));
    ASSERT_TRUE(sessions.sync("d1", seconds(11)).has_value());
    const auto started = start(seconds(11));
    ASSERT_THAT(started, SizeIs(1));
    EXPECT_FALSE(started[0].tidies);
}

// Its turn comes afterwards.
TEST_F(DriveTidying, AVisitThatIsDueLaterIsNotForgotten) {
    add(Readiness::ready, Kind::directory);
    visit(seconds(0), visited(true));
    sessions.changed(one, seconds(5));
    visit(seconds(11));
    EXPECT_EQ(sessions.next_due(), seconds(60));
    EXPECT_THAT(start(seconds(60)), SizeIs(1));
}

}  // namespace
}  // namespace wcmp::node::test
