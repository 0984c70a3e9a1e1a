// How long a visit may take, wait and be silent, and what becomes of those that hang.
#include "drive_states_fixture.h"

namespace wcmp::node::test {
namespace {

TEST_F(DriveStates, WhatWritesOutItsLastIsAskedToEndToo) {
    add();
    const auto started = start(seconds(0));
    sessions.progress(one, {.phase = sync::Phase::releasing}, seconds(4));
    sessions.wanted(one, seconds(5));
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    EXPECT_EQ(sessions.next_due(), seconds(35)) << "then it counts as one that does not answer";
    sessions.finished(one, {.end = VisitReport::End::done}, seconds(6));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, WhatOnlyWaitsForItsReleaseIsNotAskedAgain) {
    add();
    const auto started = start(seconds(0));
    started.at(0).pulse->resting = true;
    sessions.wanted(one, seconds(5));
    EXPECT_FALSE(started.at(0).stop.stop_requested());
}

TEST_F(DriveStates, WaitingForTheStoreIsNoSilence) {
    add();
    const auto starts = sessions.start_due(seconds(0));
    EXPECT_EQ(info().state, "busy");
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    for (int now = 90; now <= 7200; now += 90) EXPECT_THAT(sessions.start_due(seconds(now)), IsEmpty());
    EXPECT_FALSE(starts.at(0).stop.stop_requested());
    EXPECT_TRUE(sessions.sets_out(starts.at(0), seconds(7200), longest));
    EXPECT_FALSE(sessions.sets_out(starts.at(0), seconds(7200), longest)) << "one worker a drive";
    EXPECT_EQ(sessions.next_due(), seconds(7290));
}

TEST_F(DriveStates, NobodySetsOutToWhatHasGoneOrIsWanted) {
    add();
    auto starts = sessions.start_due(seconds(0));
    sessions.removed(one, seconds(1));
    EXPECT_THAT(sessions.infos(), IsEmpty());
    EXPECT_FALSE(sessions.sets_out(starts.at(0), seconds(2), longest));
    add();
    starts = sessions.start_due(seconds(2));
    sessions.wanted(one, seconds(3));
    EXPECT_EQ(info().state, "done") << "nothing of it was opened";
    EXPECT_FALSE(sessions.sets_out(starts.at(0), seconds(4), longest));
    EXPECT_TRUE(sessions.sync("d1", seconds(5)).has_value());
    const auto again = sessions.start_due(seconds(5));
    EXPECT_FALSE(sessions.sets_out(starts.at(0), seconds(6), longest)) << "of the visit before";
    EXPECT_TRUE(sessions.sets_out(again.at(0), seconds(6), longest));
}

TEST_F(DriveStates, OneStickLeavesRoomForOthers) {
    NoDrives other_source;
    const auto plug_in = [&](std::uint32_t id, std::uint32_t carrier, drives::Source& from) {
        sessions.added({.id = {id}, .kind = Kind::mountd, .carrier = carrier}, from, seconds(0));
    };
    for (std::uint32_t id = 1; id <= 5; ++id) plug_in(id, 7, source);
    plug_in(6, 8, source);
    plug_in(7, 7, other_source);
    add(Readiness::ready, Kind::directory, {8});
    add(Readiness::ready, Kind::directory, {9});
    add(Readiness::ready, Kind::directory, {10});
    std::vector<std::uint32_t> started;
    for (const auto& begun : start(seconds(0))) started.push_back(begun.id.number);
    EXPECT_THAT(started, testing::ElementsAre(1, 2, 6, 7, 8, 9, 10));
    EXPECT_EQ(sessions.next_due(), DriveSessions::silence_max) << "nothing is due before one ends";
    sessions.finished({1}, {.end = VisitReport::End::done}, seconds(1));
    EXPECT_EQ(sessions.next_due(), seconds(0));
    const auto next = start(seconds(1));
    ASSERT_THAT(next, SizeIs(1));
    EXPECT_EQ(next[0].id.number, 3u);
}

TEST_F(DriveStates, AStickThatHangsIsNotTriedPartitionByPartition) {
    for (std::uint32_t id = 1; id <= 5; ++id)
        sessions.added({.id = {id}, .kind = Kind::mountd, .carrier = 7}, source, seconds(0));
    EXPECT_THAT(start(seconds(0)), SizeIs(2));
    for (int now = 90; now <= 300; now += 30) EXPECT_THAT(sessions.start_due(seconds(now)), IsEmpty());
    EXPECT_EQ(sessions.left_alone(), 2u);
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    sessions.finished({2}, ended(Errc::io), seconds(400));
    EXPECT_THAT(start(seconds(400)), SizeIs(1));
}

TEST_F(DriveStates, ADirectoryThatDoesNotAnswerSaysSoAndIsNotVisited) {
    add(Readiness::ready, Kind::directory);
    visit(seconds(0));
    EXPECT_FALSE(sessions.directory_silent());
    sessions.answers({one, false}, seconds(100));
    EXPECT_TRUE(sessions.directory_silent());
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "not_answering");
    EXPECT_THAT(info().result->error_detail, HasSubstr("the disk or the server"));
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.failed","drive":"d1","code":"not_answering")"));
    sessions.store_changed(seconds(101), {});
    sessions.changed(one, seconds(101));
    EXPECT_EQ(sessions.sync("d1", seconds(101)).error().code, Errc::busy);
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    const auto told = events.size();
    sessions.answers({one, false}, seconds(102));
    last_event();
    EXPECT_EQ(events.size(), told) << "once";
    sessions.answers({one, true}, seconds(200));
    EXPECT_FALSE(sessions.directory_silent());
    EXPECT_EQ(info().state, "waiting");
    visit(seconds(200));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, ADirectoryThatFallsSilentDuringItsVisitSaysSoAfterIt) {
    add(Readiness::ready, Kind::directory);
    start(seconds(0));
    sessions.answers({one, false}, seconds(30));
    EXPECT_EQ(info().state, "busy");
    sessions.finished(one, ended(Errc::io), seconds(40));
    EXPECT_EQ(info().result->error_code, "not_answering");
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    sessions.answers({one, true}, seconds(100));
    visit(seconds(100));
    EXPECT_EQ(info().state, "done");
}

TEST_F(DriveStates, WhatTakesTooLongIsAskedToEnd) {
    add();
    const auto started = start(seconds(0));
    ++started.at(0).pulse->beats;
    start(longest - seconds(1));
    EXPECT_EQ(sessions.next_due(), longest);
    EXPECT_FALSE(started.at(0).stop.stop_requested());
    start(longest);
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    EXPECT_EQ(info().state, "busy");
    sessions.finished(one, ended(Errc::cancelled), longest + seconds(1));
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "visit_seconds_max");
    EXPECT_EQ(sessions.next_due(), std::nullopt);
}

TEST_F(DriveStates, WhatReadsTooMuchIsToldSo) {
    add();
    auto report = ended(Errc::cancelled);
    report.used_up = true;
    visit(seconds(0), report);
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "visit_bytes_max");
}

TEST_F(DriveStates, WhatFallsSilentIsAskedToEndThenGivenUp) {
    add();
    const auto started = start(seconds(0));
    ++started.at(0).pulse->beats;
    EXPECT_EQ(sessions.next_due(), seconds(90));
    start(seconds(90));
    EXPECT_FALSE(started.at(0).stop.stop_requested()) << "it read something meanwhile";
    EXPECT_EQ(sessions.next_due(), seconds(180));
    start(seconds(180));
    EXPECT_TRUE(started.at(0).stop.stop_requested());
    EXPECT_THAT(sessions.take_given_up(), IsEmpty());
    start(seconds(210));
    EXPECT_EQ(info().result->error_code, "not_answering");
    EXPECT_THAT(sessions.take_given_up(), SizeIs(1));
    EXPECT_THAT(sessions.take_given_up(), IsEmpty());
}

TEST_F(DriveStates, WhatEndsAfterItsSilenceIsToldSo) {
    add();
    start(seconds(0));
    start(seconds(90));
    sessions.finished(one, ended(Errc::cancelled), seconds(91));
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "not_answering");
}

TEST_F(DriveStates, WaitingForOthersIsNoSilence) {
    add();
    const auto started = start(seconds(0));
    started.at(0).pulse->resting = true;
    for (int now = 90; now < 1800; now += 90) start(seconds(now));
    EXPECT_FALSE(started.at(0).stop.stop_requested());
}

TEST_F(DriveStates, WhatDoesNotAnswerIsLeftAlone) {
    add();
    start(seconds(0));
    start(longest);
    EXPECT_EQ(sessions.next_due(), longest + seconds(30));
    start(longest + seconds(30));
    EXPECT_EQ(info().state, "failed");
    EXPECT_EQ(info().result->error_code, "not_answering");
    EXPECT_THAT(last_event(), HasSubstr(R"("type":"drive.failed","drive":"d1","code":"not_answering")"));
    EXPECT_EQ(sessions.left_alone(), 1u);
    EXPECT_EQ(sessions.busy(), 0u);
    EXPECT_EQ(sessions.next_due(), std::nullopt);
    EXPECT_EQ(sessions.sync("d1", longest + minutes(1)).error().code, Errc::busy);
    EXPECT_EQ(sessions.release("d1", longest + minutes(1)).error().code, Errc::busy);

    const auto told = events.size();
    sessions.finished(one, {.end = VisitReport::End::done}, longest + minutes(2));
    last_event();
    EXPECT_EQ(events.size(), told);
    EXPECT_EQ(info().state, "failed") << "it came too late";
    EXPECT_EQ(sessions.left_alone(), 0u);
    EXPECT_TRUE(sessions.sync("d1", longest + minutes(3)).has_value());
}

TEST_F(DriveStates, ThoseThatHangDoNotKeepOthersOut) {
    for (std::uint32_t i = 1; i <= DriveSessions::visits_at_once_max; ++i)
        add(Readiness::ready, Kind::mountd, {i});
    EXPECT_THAT(start(seconds(0)), SizeIs(DriveSessions::visits_at_once_max));
    add(Readiness::ready, Kind::mountd, {100});
    EXPECT_THAT(start(seconds(1)), IsEmpty());
    start(longest);
    EXPECT_THAT(start(longest + seconds(30)), SizeIs(1));
}

TEST_F(DriveStates, ButNotForEver) {
    const auto hang = [&](std::uint32_t id, DriveSessions::Time now) {
        add(Readiness::ready, Kind::mountd, {id});
        const auto started = start(now);
        sessions.removed({id}, now);
        start(now + seconds(30));
        return started.size();
    };
    DriveSessions::Time now{};
    std::uint32_t started = 0;
    for (std::uint32_t id = 1; id <= 100; ++id, now += minutes(1)) started += hang(id, now) > 0 ? 1 : 0;
    EXPECT_EQ(started, DriveSessions::left_alone_max + DriveSessions::visits_at_once_max)
        << "each of them holds a thread";
}

}  // namespace
}  // namespace wcmp::node::test
