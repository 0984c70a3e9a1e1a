// Drives that people plug in, without a node: the test says what happens to them, and when.
#pragma once

#include "node/drive_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::node::test {

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

inline VisitReport ended(Errc code) {
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
        auto starts = sessions.start_due(now);
        for (const auto& start : starts) EXPECT_TRUE(sessions.sets_out(start, now, longest));
        return starts;
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

}  // namespace wcmp::node::test
