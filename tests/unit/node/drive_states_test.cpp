// Drives that people plug in: from ready to released, and what may come between.
#include "drive_states_fixture.h"

namespace wcmp::node::test {
namespace {

TEST_F(DriveStates, WhatIsNotReadyIsShownAndNotVisited) {
    for (const auto& [readiness, state] :
         {std::pair{Readiness::unsupported, "unsupported"}, std::pair{Readiness::encrypted, "encrypted"},
          std::pair{Readiness::empty, "empty"}, std::pair{Readiness::waiting, "waiting"}}) {
        add(readiness);
        EXPECT_EQ(info().state, state);
        EXPECT_THAT(last_event(), HasSubstr(R"("state":")" + std::string(state)));
        EXPECT_EQ(sessions.next_due(), std::nullopt);
        EXPECT_THAT(start(minutes(5)), IsEmpty());
        sessions.removed(one, minutes(5));
    }
}

TEST_F(DriveStates, ItIsVisitedWhenItIsReady) {
    add(Readiness::waiting, Kind::desktop);
    become(Readiness::ready, seconds(7));
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.state","drive":"d1","state":"waiting")"));
    EXPECT_EQ(info().file_system, "exfat");
    visit(seconds(7));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, OnceVisitedItStaysDoneWhileTheDesktopLetsItGoAndTakesItAgain) {
    add(Readiness::ready, Kind::desktop);
    visit(seconds(0));
    become(Readiness::waiting, seconds(100));
    EXPECT_EQ(info().state, "done");
    become(Readiness::ready, seconds(200));
    EXPECT_EQ(info().state, "done");
    EXPECT_THAT(start(minutes(60)), IsEmpty());
    sessions.changed(one, minutes(61));
    sessions.store_changed(minutes(61), {});
    EXPECT_EQ(sessions.next_due(), std::nullopt) << "once for each time that it is plugged in";
}

TEST_F(DriveStates, AnotherCardIsAnotherDrive) {
    add();
    visit(seconds(0));
    become(Readiness::empty, seconds(5));
    EXPECT_EQ(info().state, "empty");
    EXPECT_FALSE(info().result.has_value());
    become(Readiness::ready, seconds(9));
    visit(seconds(9));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, ACardThatIsTakenOutDuringTheVisit) {
    add();
    const auto started = start(seconds(0));
    become(Readiness::empty, seconds(5));
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    EXPECT_EQ(info().state, "busy");
    sessions.finished(one, ended(Errc::io), seconds(6));
    EXPECT_EQ(info().state, "empty");
}

TEST_F(DriveStates, AStickThatIsFormattedAnewIsAnotherDrive) {
    add();
    visit(seconds(0));
    become(Readiness::waiting, seconds(5));
    EXPECT_EQ(info().state, "done");
    become(Readiness::empty, seconds(6));
    EXPECT_EQ(info().state, "empty");
    EXPECT_FALSE(info().result.has_value());
    become(Readiness::waiting, seconds(7));
    EXPECT_EQ(info().state, "waiting");
    become(Readiness::ready, seconds(8));
    visit(seconds(8));
    EXPECT_EQ(info().state, "done");
    become(Readiness::waiting, seconds(9));
    become(Readiness::encrypted, seconds(10));
    EXPECT_EQ(info().state, "encrypted") << "it was locked meanwhile";
}

TEST_F(DriveStates, ACardThatIsTakenOutDuringTheReleaseLeavesAnEmptyReader) {
    add();
    start(seconds(0));
    sessions.progress(one, {.phase = sync::Phase::releasing}, seconds(4));
    become(Readiness::empty, seconds(5));
    sessions.finished(one, {.end = VisitReport::End::done}, seconds(6));
    EXPECT_EQ(info().state, "empty");
    EXPECT_FALSE(info().result.has_value());
}

TEST_F(DriveStates, ACardThatIsExchangedDuringTheVisitIsVisited) {
    add();
    start(seconds(0));
    become(Readiness::empty, seconds(5));
    become(Readiness::ready, seconds(6));
    sessions.finished(one, ended(Errc::io), seconds(7));
    EXPECT_EQ(info().state, "waiting");
    visit(seconds(7));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, AnUnpreparedDriveIsVisitedOnceItWasPrepared) {
    add(Readiness::ready, Kind::desktop);
    visit(seconds(0), {.end = VisitReport::End::unprepared});
    EXPECT_EQ(info().state, "unprepared");
    sessions.changed(one, seconds(10));
    visit(seconds(10));
    EXPECT_EQ(info().state, "done");
    sessions.changed(one, seconds(100));
    EXPECT_EQ(sessions.next_due(), std::nullopt) << "it was visited";
}

TEST_F(DriveStates, WhatIsPreparedDuringItsVisitIsVisitedAgain) {
    add(Readiness::ready, Kind::desktop);
    start(seconds(0));
    sessions.changed(one, seconds(1));
    sessions.finished(one, {.end = VisitReport::End::unprepared}, seconds(2));
    visit(seconds(2), {.end = VisitReport::End::unprepared});
    EXPECT_EQ(sessions.next_due(), std::nullopt) << "only once for each time";
}

TEST_F(DriveStates, AFailedDriveStaysFailed) {
    add();
    visit(seconds(0), ended(Errc::io));
    EXPECT_EQ(info().state, "failed");
    sessions.changed(one, minutes(30));
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveStates, WhoeverWantsItGetsIt) {
    add();
    const auto started = start(seconds(0));
    sessions.wanted(one, seconds(3));
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    EXPECT_EQ(info().state, "busy") << "until it is released";
    sessions.finished(one, ended(Errc::cancelled), seconds(4));
    EXPECT_EQ(info().state, "done");
    EXPECT_EQ(info().result->error_code, "cancelled");
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.done")"));
}

TEST_F(DriveStates, WhatIsFreedLateEndsAsItsVisitDid) {
    const VisitReport good{.end = VisitReport::End::done, .still_in_use = true};
    add();
    visit(seconds(0), good);
    EXPECT_EQ(info().result->error_code, "still_in_use");
    sessions.freed(one);
    EXPECT_EQ(info().state, "done");
    EXPECT_EQ(info().result->error_code, "");
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.done")"));

    EXPECT_TRUE(sessions.sync("d1", seconds(5)).has_value());
    auto bad = ended(Errc::io);
    bad.still_in_use = true;
    visit(seconds(5), bad);
    EXPECT_EQ(info().result->error_code, "still_in_use");
    sessions.freed(one);
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "io");

    EXPECT_TRUE(sessions.sync("d1", seconds(9)).has_value());
    start(seconds(9));
    sessions.freed(one);  // before the visit has come back to say that it is not
    sessions.finished(one, good, seconds(10));
    EXPECT_EQ(info().state, "done");
    EXPECT_TRUE(sessions.sync("d1", seconds(11)).has_value());
    visit(seconds(11), good);
    EXPECT_EQ(info().state, "failed") << "that was of the visit before";
    EXPECT_TRUE(sessions.sync("d1", seconds(13)).has_value());
    start(seconds(13));
    sessions.finished(one, ended(Errc::io), seconds(14));
    sessions.freed(one);
    EXPECT_EQ(info().result->error_code, "io") << "there is nothing to take back";
}

TEST_F(DriveStates, InUseIsNeverDone) {
    add();
    const auto started = start(seconds(0));
    sessions.wanted(one, seconds(3));
    sessions.progress(one, {.phase = sync::Phase::releasing}, seconds(4));
    EXPECT_EQ(info().phase, "releasing");
    EXPECT_THAT(last_event(), HasSubstr(R"("phase":"releasing")"));
    auto report = ended(Errc::busy);
    report.still_in_use = true;
    sessions.finished(one, report, seconds(60));
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "still_in_use");
    EXPECT_THAT(last_event(), HasSubstr("close it there before"));
}

TEST_F(DriveStates, PulledAndPutBackDuringTheVisitItIsVisitedAgain) {
    add();
    const auto first = start(seconds(0));
    sessions.removed(one, seconds(1));
    add(Readiness::ready, Kind::mountd, {2});
    const auto second = start(seconds(2));
    ASSERT_THAT(second, SizeIs(1));
    EXPECT_TRUE(first.at(0).stop.stop_requested());
    EXPECT_FALSE(second.at(0).stop.stop_requested());
    sessions.finished(one, ended(Errc::io), seconds(3));
    sessions.finished({2}, {.end = VisitReport::End::done}, seconds(4));
    EXPECT_THAT(sessions.infos(), SizeIs(1));
    EXPECT_EQ(info().id, "d2");
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, AnOperatorMaySyncAgain) {
    add();
    EXPECT_EQ(sessions.sync("d2", seconds(0)).error().code, Errc::not_found);
    visit(seconds(0));
    EXPECT_TRUE(sessions.sync("d1", seconds(5)).has_value());
    EXPECT_THAT(start(seconds(5)), SizeIs(1)) << "no minute between";
    const auto again = sessions.sync("d1", seconds(6));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::busy);
    EXPECT_THAT(again.error().detail, HasSubstr("being synced"));
}

TEST_F(DriveStates, WhatIsNotReadyCannotBeSynced) {
    add(Readiness::encrypted);
    const auto asked = sessions.sync("d1", seconds(0));
    ASSERT_FALSE(asked.has_value());
    EXPECT_EQ(asked.error().code, Errc::busy);
    EXPECT_THAT(asked.error().detail, HasSubstr("encrypted"));
}

TEST_F(DriveStates, AReleasedDirectoryIsLeftAloneUntilItIsAskedFor) {
    add(Readiness::ready, Kind::directory);
    const auto started = start(seconds(0));
    ASSERT_TRUE(sessions.release("d1", seconds(1)).has_value());
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    sessions.finished(one, ended(Errc::cancelled), seconds(2));
    EXPECT_EQ(info().state, "done");
    sessions.changed(one, minutes(5));
    sessions.store_changed(minutes(5), {});
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    EXPECT_TRUE(sessions.sync("d1", minutes(6)).has_value());
    visit(minutes(6));
    sessions.changed(one, minutes(10));
    EXPECT_EQ(sessions.next_due(), minutes(10));
}

}  // namespace
}  // namespace wcmp::node::test
