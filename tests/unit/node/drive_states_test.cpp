// Drives that people plug in: from ready to released, and what may come between.
#include "node/drive_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using drives::Kind;
using drives::Readiness;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class NoDrives final : public drives::Source {
public:
    void start(drives::Listener) override {}
    void stop() override {}
    Result<std::unique_ptr<io::Directory>> open(drives::DriveId) override {
        return fail(Errc::not_found, "there are no drives");
    }
    Result<void> release(drives::DriveId) override { return {}; }
};

VisitReport ended(Errc code) {
    return {.end = VisitReport::End::failed, .error = Error{code, "it ended"}};
}

struct DriveStates : testing::Test {
    static constexpr DriveSessions::Time longest = minutes(30);

    boost::asio::io_context io;
    Home home{io};
    EventLog log{home, "n"};
    NoDrives source;
    DriveSessions sessions{log};
    std::vector<std::string> events;
    std::unique_ptr<Subscription> watching =
        std::move(*log.subscribe("", [this](const std::string& event) { events.push_back(event); }));
    const drives::DriveId one{1};

    void add(Readiness readiness = Readiness::ready, Kind kind = Kind::mountd, drives::DriveId id = {1}) {
        sessions.added({.id = id, .kind = kind, .readiness = readiness}, source, seconds(0));
    }
    void become(Readiness readiness, DriveSessions::Time now) {
        sessions.readiness({.id = one, .file_system = drives::FileSystemKind::exfat, .readiness = readiness},
                           now);
    }
    std::vector<DriveSessions::Start> start(DriveSessions::Time now) {
        return sessions.start_due(now, longest);
    }
    void visit(DriveSessions::Time now, const VisitReport& report = {.end = VisitReport::End::done}) {
        ASSERT_THAT(start(now), SizeIs(1));
        sessions.finished(one, report, now + seconds(1));
    }
    DriveInfo info() { return sessions.infos().at(0); }
    std::string last_event() {
        io.restart();
        io.run();
        return events.empty() ? "" : events.back();
    }
};

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
    sessions.changed(one, seconds(100));
    visit(seconds(100));
    EXPECT_EQ(info().state, "done");
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
}  // namespace wcmp::node
