// Drives that go away, crowds of them, ends in the middle of things: what was acknowledged stays.
#include "node/drive_sessions.h"
#include "relay_with_drives.h"

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

using std::chrono::seconds;

struct NodeFaults : RelayWithDrives {
    std::vector<MessageId> hold(const std::vector<Bytes>& messages) {
        std::vector<MessageId> ids;
        for (const auto& message : messages) ids.push_back(relay.enqueue(message)->id);
        return ids;
    }
    void expect_held(const std::vector<MessageId>& ids, const std::vector<Bytes>& messages) {
        for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(relay.read(ids[i]), messages[i]);
    }
};

TEST_F(NodeFaults, MoreDrivesThanAreVisitedAtOnceAllBringTheirs) {
    constexpr std::size_t count = DriveSessions::visits_at_once_max + 2;
    std::vector<drives::DriveId> ids;
    for (std::size_t i = 0; i < count; ++i)
        ids.push_back(relay.source.add(foreign_drive("drive" + std::to_string(i), 3, 100 + i)));
    std::uint64_t imported = 0;
    for (const auto id : ids) imported += relay.wait_for(id, "done").result->imported;
    EXPECT_EQ(imported, 3 * count);
    EXPECT_EQ(relay.node().status().messages, 3 * count);
    EXPECT_EQ(relay.source.released(), count);
}

TEST_F(NodeFaults, ADriveThatIsPulledBeforeItIsOpenedIsNoFailure) {
    const auto drive = foreign_drive("drive", 3, 7);
    relay.source.before_open({1}, [&drive]() -> Result<void> {
        fs::remove_all(drive);
        return {};
    });
    const auto id = relay.source.add(drive);
    relay.wait_for(id, "busy");
    relay.wait_for(id, "waiting");
    relay.source.remove(id);
    EXPECT_TRUE(relay.node().drives().empty());
    relay.run_until([&] { return relay.events_of("drive.removed") == 1; });
    EXPECT_EQ(relay.events_of("drive.failed"), 0u);
}

TEST_F(NodeFaults, ADriveThatIsPulledDuringItsVisitIsForgottenAtTheEnd) {
    std::latch opened(1), go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        opened.count_down();
        go_on.wait();
        return {};
    });
    const auto drive = foreign_drive("drive", 3, 7);
    const auto id = relay.source.add(drive);
    relay.run_until([&] { return opened.try_wait(); });
    relay.source.remove(id);
    EXPECT_EQ(relay.drive(id).state, "removed");
    go_on.count_down();
    relay.run_until([&] { return relay.node().drives().empty(); });
    EXPECT_EQ(relay.source.released(), 1u);
    EXPECT_EQ(relay.events_of("drive.failed"), 0u);
    const auto again = relay.wait_for(relay.source.add(drive), "done");
    EXPECT_EQ(again.result->imported, 3u);
}

TEST_F(NodeFaults, StoppingDuringAVisitLosesNothingAcknowledged) {
    std::latch opened(1), go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        opened.count_down();
        go_on.wait();
        return {};
    });
    const auto messages = relay.messages(4);
    const auto ids = hold(messages);
    relay.source.add(foreign_drive("drive", 3, 7));
    relay.run_until([&] { return opened.try_wait(); });
    bool stopped = false;
    relay.node().stop([&stopped] { stopped = true; });
    go_on.count_down();
    relay.run_until([&] { return stopped; });
    relay.end();
    ASSERT_TRUE(relay.start().has_value());
    expect_held(ids, messages);
}

TEST_F(NodeFaults, KilledAgainAndAgainNothingAcknowledgedIsLost) {
    std::vector<Bytes> messages;
    std::vector<MessageId> ids;
    for (int run = 0; run < 4; ++run) {
        for (const auto& message : relay.messages(5)) {
            messages.push_back(message);
            ids.push_back(relay.enqueue(message)->id);
        }
        if (run % 2 == 1) {
            ASSERT_TRUE(relay.fold().has_value());
        }
        relay.end();
        ASSERT_TRUE(relay.start().has_value());
    }
    expect_held(ids, messages);
    EXPECT_EQ(relay.node().status().messages, messages.size());
}

// The last of its writes may be lost in a power cut, but none that was answered.
TEST(NodePowerCut, WhatWasAcknowledgedOutlivesIt) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        TestRelay relay(seed);
        io::MemoryFileSystem files(seed);
        ASSERT_TRUE(relay.start(files.root()).has_value());
        std::vector<MessageId> ids;
        const auto messages = relay.messages(6);
        for (const auto& message : messages) {
            ids.push_back(relay.enqueue(message)->id);
            if (ids.size() == 3) {
                ASSERT_TRUE(relay.fold().has_value());
            }
        }
        files.power_cut();
        relay.end();
        ASSERT_TRUE(relay.start(files.root()).has_value()) << seed;
        for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(relay.read(ids[i]), messages[i]) << seed;
    }
}

// A disk that is read-only at the start: everything is read, nothing taken, and no end would help.
TEST(NodeReadOnlyDisk, ServesWhatItHasAndStays) {
    TestRelay relay;
    io::MemoryFileSystem files(1);
    ASSERT_TRUE(relay.start(files.root()).has_value());
    const auto messages = relay.messages(4);
    std::vector<MessageId> ids;
    for (const auto& message : messages) {
        ids.push_back(relay.enqueue(message)->id);
        if (ids.size() == 2) {
            ASSERT_TRUE(relay.fold().has_value());
        }
    }
    relay.end();
    files.set_read_only(true);
    ASSERT_TRUE(relay.start(files.root()).has_value());
    EXPECT_EQ(relay.node().status().state, "attention");
    EXPECT_THAT(relay.node().status().warnings, testing::Contains("store_failing"));
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(relay.read(ids[i]), messages[i]);
    EXPECT_EQ(relay.recognition("", 10)->count, 2u);
    EXPECT_EQ(relay.enqueue(relay.message()).error().code, Errc::store_failing);
    EXPECT_EQ(relay.fold().error().code, Errc::store_failing);
    const auto drive = relay.folder.path / "drive";
    fs::create_directories(drive / "WCMP");
    EXPECT_EQ(relay.wait_for(relay.source.add(drive), "done").result->exported, 2u);
    relay.advance(seconds(3600));
    EXPECT_FALSE(relay.exit_code.has_value());

    relay.end();
    files.set_read_only(false);
    ASSERT_TRUE(relay.start(files.root()).has_value());
    EXPECT_EQ(relay.node().status().messages, 4u);
    EXPECT_THAT(relay.node().status().warnings, testing::Not(testing::Contains("store_failing")));
}

// Acknowledged on a disk that has no room for a bundle: served from the journal, also by the next run.
TEST(NodeFullDisk, StartsServesAndFoldsOnceThereIsRoom) {
    TestRelay relay;
    relay.settings.store.keep_free_bytes = 0;
    io::MemoryFileSystem files(1);
    files.set_capacity((std::uint64_t{8} << 20) + (std::uint64_t{512} << 10));
    ASSERT_TRUE(relay.start(files.root()).has_value());
    std::vector<MessageId> ids;
    const auto messages = relay.messages(3);
    for (const auto& message : messages) ids.push_back(relay.enqueue(message)->id);
    const auto is_full = [&relay] {
        const auto warnings = relay.node().status().warnings;
        return std::ranges::find(warnings, "store_full") != warnings.end();
    };
    EXPECT_EQ(relay.fold().error().code, Errc::no_space);
    EXPECT_TRUE(is_full());
    relay.end();
    ASSERT_TRUE(relay.start(files.root()).has_value());
    EXPECT_TRUE(is_full());
    EXPECT_EQ(relay.node().status().messages, 0u);
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(relay.read(ids[i]), messages[i]);
    ids.push_back(relay.enqueue(relay.message())->id);
    EXPECT_TRUE(is_full()) << "a message in the journal makes no room";

    files.set_capacity(std::uint64_t{1} << 30);
    relay.advance(seconds(60));
    relay.run_until([&] { return !is_full(); });
    EXPECT_EQ(relay.node().status().messages, ids.size());
}

TEST_F(NodeFaults, StoppingTwiceIsStoppingOnceAndAFoldIsAnswered) {
    hold(relay.messages(1));
    bool stopped = false;
    std::optional<Outcome<void>> folded;
    relay.node().fold([&](Outcome<void> given) { folded = std::move(given); });
    relay.node().stop([&stopped] { stopped = true; });
    relay.node().stop([] { FAIL() << "it was stopping already"; });
    relay.run_until([&] { return stopped; });
    ASSERT_TRUE(folded.has_value());
    EXPECT_TRUE(folded->has_value()) << "it had begun";
}

}  // namespace
}  // namespace wcmp::node::test
