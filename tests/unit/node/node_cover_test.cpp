// A whole node with cover: what leaves the journal, and when (BUNDLE.md, section 7).
#include "message/identify.h"
#include "test_relay.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class NodeCover : public testing::Test {
protected:
    void start() {
        relay.settings.cover.messages_per_visit = 20;
        ASSERT_TRUE(relay.start());
        relay.node().add_source(relay.source);
    }

    std::filesystem::path prepare(const std::string& name) {
        const auto path = relay.folder.path / name;
        std::filesystem::create_directories(path / "WCMP");
        return path;
    }

    // How many local messages a client without their ids can see.
    std::uint64_t visible() { return relay.node().status().messages; }

    void hand_in(std::size_t count) {
        for (const auto& message : relay.messages(count)) ASSERT_TRUE(relay.enqueue(message));
    }

    // A drive that was not there before, with what a visit brought to it.
    std::uint64_t visit(const std::string& name, drives::Kind kind) {
        const auto id = relay.source.add(prepare(name), kind);
        const auto shown = relay.wait_for(id, "done");
        relay.source.remove(id);
        return shown.result->exported;
    }

    TestRelay relay;
};

TEST_F(NodeCover, OnAndOffAreToldByTheWarning) {
    start();
    EXPECT_THAT(relay.node().status().warnings, testing::Not(testing::Contains("no_cover")));
    EXPECT_FALSE(relay.node().folds_on_request());
    EXPECT_EQ(relay.node().limits().message_bytes_max, 1U << 20);
    relay.settings.cover.messages_per_visit = 0;
    relay.node().reload(relay.settings);
    EXPECT_THAT(relay.node().status().warnings, testing::Contains("no_cover"));
    EXPECT_TRUE(relay.node().folds_on_request());
    EXPECT_EQ(relay.node().limits().message_bytes_max, 1'114'112U);
}

TEST_F(NodeCover, NeitherTimeNorSizeNorARequestNorAStartFolds) {
    start();
    const auto first = relay.message();
    ASSERT_TRUE(relay.enqueue(first));
    relay.advance(seconds(61));
    ASSERT_TRUE(relay.fold());
    for (std::uint64_t bytes = 0; bytes <= (1U << 20);) {
        const auto message = relay.message();
        bytes += message.size();
        ASSERT_TRUE(relay.enqueue(message));
    }
    relay.advance(hours(1));
    EXPECT_EQ(visible(), 0U);
    relay.restart();
    EXPECT_EQ(visible(), 0U);
    EXPECT_EQ(relay.read(message::message_id(first)).value(), first) << "by its id it is there";
}

// How many a stick gets is how many became visible, and it says nothing of how many were handed in.
TEST_F(NodeCover, AStickGetsWhatWasDrawn) {
    start();
    std::vector<std::uint64_t> with, without;
    for (int i = 0; i < 12; ++i) {
        const bool local = i % 2 == 0;
        const auto before = visible();
        if (local) hand_in(2);
        const auto got = visit("stick" + std::to_string(i), drives::Kind::mountd);
        EXPECT_EQ(got, visible()) << "each stick is new, so it gets all";
        (local ? with : without).push_back(visible() - before);
    }
    EXPECT_GT(std::ranges::max(without), 0U) << "nothing was local, and something went";
    EXPECT_GT(std::ranges::max(with), 2U);
}

TEST_F(NodeCover, ADirectoryFoldsOnceADay) {
    start();
    std::uint64_t at = 0;
    for (int i = 0; at == 0 && i < 20; ++i) {  // until the law draws more than nothing
        relay.advance(hours(25));
        visit("first" + std::to_string(i), drives::Kind::directory);
        at = visible();
    }
    ASSERT_GT(at, 0U);
    hand_in(3);
    for (int i = 0; i < 5; ++i) {
        relay.advance(hours(4));
        visit("early" + std::to_string(i), drives::Kind::directory);
        EXPECT_EQ(visible(), at);
    }
    for (int i = 0; visible() == at && i < 20; ++i) {
        relay.advance(hours(25));
        visit("late" + std::to_string(i), drives::Kind::directory);
    }
    EXPECT_GT(visible(), at);
}

TEST_F(NodeCover, WithoutCoverFromNowOnWhatWaitsIsFolded) {
    start();
    hand_in(3);
    relay.settings.cover.messages_per_visit = 0;
    relay.node().reload(relay.settings);
    relay.run_until([&] { return visible() == 3; });
}

TEST_F(NodeCover, AFullJournalIsStoreFull) {
    start();
    Outcome<Enqueued> answer;
    for (int i = 0; answer && i < 4000; ++i) answer = relay.enqueue(relay.message());
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::no_space);
    EXPECT_GT(answer.error().retry_after, seconds(0));
    EXPECT_THAT(answer.error().detail, testing::HasSubstr("what waits for a visit"));
    EXPECT_EQ(visible(), 0U);
}

TEST_F(NodeCover, AFullDiskIsSaidToBeOne) {
    relay.settings.cover.messages_per_visit = 20;
    io::MemoryFileSystem files(1);
    ASSERT_TRUE(relay.start(files.root()));
    files.set_capacity((std::uint64_t{1} << 40) - files.root()->space()->free_bytes + 1000);
    const auto answer = relay.enqueue(relay.message());
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::no_space);
    EXPECT_THAT(answer.error().detail, testing::HasSubstr("its disk has no room"));
}

}  // namespace
}  // namespace wcmp::node::test
