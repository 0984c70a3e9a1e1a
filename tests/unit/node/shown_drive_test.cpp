// What people are told of a drive, whatever leads to it.
#include "node/shown_drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::node::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

struct ShownDriveTest : testing::Test {
    boost::asio::io_context io;
    Home home{io};
    EventLog log{home, "n"};
    std::vector<std::string> events;
    std::unique_ptr<Subscription> watching =
        std::move(*log.subscribe("", [this](const std::string& event) { events.push_back(event); }));
    ShownDrive drive{log, {.id = {1}, .kind = drives::Kind::mountd}};

    void SetUp() override { drive.visit_begins(); }
    const std::vector<std::string>& told() {
        io.restart();
        io.run();
        return events;
    }
};

TEST_F(ShownDriveTest, ADoneVisitTellsItsCounts) {
    VisitReport report{.end = VisitReport::End::done};
    report.result.imported = 3;
    report.result.exported = 4;
    report.result.known = 5;
    report.result.refused[static_cast<std::size_t>(message::Verdict::horizon)] = 1;
    report.result.refused[static_cast<std::size_t>(message::Verdict::lifetime)] = 2;
    report.result.refused_store_full = 7;
    report.result.invalid[static_cast<std::size_t>(Errc::order)] = 8;
    report.result.not_exported = 9;
    report.result.displaced = 10;
    report.result.export_error = Error{Errc::read_only, "create"};
    drive.visit_stops();
    drive.visit_ended(report, Asked::not_yet);
    EXPECT_EQ(drive.state(), "done");
    EXPECT_TRUE(drive.info().phase.empty());
    ASSERT_TRUE(drive.info().result.has_value());
    EXPECT_EQ(drive.info().result->exported, 4u);
    EXPECT_EQ(drive.info().result->displaced, 10u);
    EXPECT_EQ(drive.info().result->error_code, "read_only");
    EXPECT_THAT(drive.info().result->error_detail, HasSubstr("write-protected"));
    EXPECT_THAT(told().back(),
                HasSubstr(R"("imported":3,"exported":4,"known":5,"refused":{"lifetime":3,"store_full":7},)"
                          R"("invalid":{"E_ORDER":8},"not_exported":9,"displaced":10,)"));
    EXPECT_THAT(told().back(), HasSubstr(R"("type":"drive.done","drive":"d1","code":"read_only")"));
}

TEST_F(ShownDriveTest, ProgressIsToldFourTimesASecond) {
    told();
    events.clear();
    for (int i = 0; i <= 100; ++i)
        drive.visit_is_at({sync::Phase::importing, static_cast<std::uint64_t>(i), 100}, milliseconds(10 * i));
    EXPECT_THAT(told(), SizeIs(5));
    EXPECT_THAT(events.back(), HasSubstr(R"("phase":"importing","done_bytes":100,"total_bytes":100)"));
    EXPECT_EQ(drive.info().phase, "importing");
    EXPECT_EQ(drive.info().done_bytes, 100u);
}

TEST_F(ShownDriveTest, ThatItIsReleasedIsToldAtOnce) {
    drive.visit_is_at({sync::Phase::exporting, 9, 10}, seconds(1));
    drive.visit_is_at({sync::Phase::releasing, 10, 10}, seconds(1) + milliseconds(1));
    EXPECT_THAT(told().back(), HasSubstr(R"("phase":"releasing")"));
}

TEST_F(ShownDriveTest, OnceItHasGoneItsProgressIsNoNews) {
    drive.removed();
    EXPECT_THAT(told().back(), HasSubstr(R"("type":"drive.removed","drive":"d1")"));
    drive.visit_is_at({sync::Phase::exporting, 9, 10}, seconds(1));
    EXPECT_THAT(told(), SizeIs(2));
}

TEST_F(ShownDriveTest, WhatIsFreedEndsAsItsVisitDid) {
    drive.visit_ended({.end = VisitReport::End::done, .still_in_use = true}, Asked::not_yet);
    EXPECT_EQ(drive.info().result->error_code, "still_in_use");
    EXPECT_EQ(drive.state(), "failed");
    drive.freed();
    EXPECT_EQ(drive.state(), "done");
    drive.freed();
    EXPECT_THAT(told(), SizeIs(3)) << "it is told once";
}

}  // namespace
}  // namespace wcmp::node::test
