// A whole node and a scripted wcmp-mountd: from the announcement of a drive to "take it out".
#include "drives/mountd_source.h"
#include "unit/drives/scripted_mountd.h"
#include "unit/node/test_relay.h"

#include <algorithm>
#include <thread>

#include <unistd.h>

namespace wcmp::node::test {
namespace {

using drives::handover::What;

class NodeMountdTest : public testing::Test {
protected:
    NodeMountdTest() { std::filesystem::create_directories(stick / "WCMP"); }

    void start() {
        ASSERT_TRUE(relay.start());
        ASSERT_TRUE(relay.enqueue(relay.message()));
        source.emplace(relay.io(), numbers,
                       drives::MountdSourceOptions{.link = {.socket = socket, .peer = ::getuid()}});
        relay.node().add_source(*source);
    }

    void stop() {
        bool stopped = false;
        relay.node().stop([&stopped] { stopped = true; });
        relay.run_until([&stopped] { return stopped; });
        source.reset();
    }

    TestRelay relay;
    std::filesystem::path stick = relay.folder.path / "stick";
    std::filesystem::path socket = relay.folder.path / "handover.sock";
    drives::test::ScriptedMountd mountd{socket};
    drives::DriveNumbers numbers;
    std::optional<drives::MountdSource> source;
};

TEST_F(NodeMountdTest, ADriveIsVisitedAndReleased) {
    std::jthread serving([this] { mountd.serve(1, stick); });
    start();
    const auto visited = relay.wait_for({1}, "done");
    EXPECT_EQ(visited.kind, "mountd");
    EXPECT_EQ(visited.file_system, "vfat");
    ASSERT_TRUE(visited.result);
    EXPECT_EQ(visited.result->exported, 1u);
    EXPECT_FALSE(std::filesystem::is_empty(stick / "WCMP"));
    stop();
}

TEST_F(NodeMountdTest, WithoutTheReleaseItIsNotDone) {
    std::jthread serving([this] {
        mountd.accept();
        mountd.say({.what = What::drive, .drive = 1});
        while (const auto message = mountd.hear()) {
            if (message->what == What::mount) mountd.hand_over(1, stick);
            if (message->what == What::release) mountd.say({.what = What::still_in_use, .drive = 1});
        }
    });
    start();
    const auto visited = relay.wait_for({1}, "failed");
    EXPECT_EQ(visited.result->exported, 1u);
    EXPECT_EQ(visited.result->error_code, "still_in_use");
    EXPECT_EQ(relay.events_of("drive.done"), 0u);
    stop();
}

TEST_F(NodeMountdTest, WhatIsReleasedLateIsDoneThen) {
    std::latch may_release(1);
    std::jthread serving([&] {
        mountd.accept();
        mountd.say({.what = What::drive, .drive = 1});
        while (const auto message = mountd.hear()) {
            if (message->what == What::mount) mountd.hand_over(1, stick);
            if (message->what != What::release) continue;
            mountd.say({.what = What::still_in_use, .drive = 1});
            may_release.wait();
            mountd.say({.what = What::released, .drive = 1});
        }
    });
    start();
    EXPECT_EQ(relay.wait_for({1}, "failed").result->error_code, "still_in_use");
    may_release.count_down();
    EXPECT_EQ(relay.wait_for({1}, "done").result->exported, 1u);
    relay.run_until([this] { return !relay.lights.empty() && relay.lights.back() == drives::Light::done; });
    stop();
}

TEST_F(NodeMountdTest, AMounterThatIsMissedForAMinuteNeedsAttention) {
    ASSERT_TRUE(relay.start());
    const auto is_missed = [this] {
        const auto warnings = relay.node().status().warnings;
        return std::ranges::find(warnings, "no_mounter") != warnings.end();
    };
    relay.node().mounter_is(false);
    relay.advance(std::chrono::seconds(59));
    EXPECT_FALSE(is_missed());
    relay.advance(std::chrono::seconds(1));
    EXPECT_TRUE(is_missed());
    EXPECT_EQ(relay.node().status().state, "attention");
    relay.node().mounter_is(true);
    EXPECT_FALSE(is_missed());
    relay.node().mounter_is(false);
    relay.node().mounter_is(true);  // it was started anew
    relay.advance(std::chrono::seconds(120));
    EXPECT_FALSE(is_missed());
}

TEST_F(NodeMountdTest, AMountdThatDiesDuringAVisitIsComeBackTo) {
    std::jthread serving([this] {
        mountd.accept();
        mountd.say({.what = What::drive, .drive = 1});
        while (const auto message = mountd.hear()) {
            if (message->what == What::mount) mountd.hand_over(1, stick);
            if (message->what == What::release) break;
        }
        mountd.hang_up();
        mountd.serve(1, stick);
    });
    start();
    relay.wait_for({2}, "done");
    EXPECT_EQ(relay.events_of("drive.removed"), 1u);
    relay.run_until([this] { return relay.events_of("drive.done") == 1; });
    EXPECT_EQ(relay.drive({1}).id, "");
    stop();
}

}  // namespace
}  // namespace wcmp::node::test
