// Bundles of the store that are damaged while the node runs.
#include "core/limits.h"
#include "test_relay.h"

#include <fstream>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;

struct NodeDamage : testing::Test {
    TestRelay relay;
    std::vector<Bytes> messages;
    std::vector<MessageId> ids;
    std::string name;

    void SetUp() override {
        ASSERT_TRUE(relay.start().has_value());
        messages = relay.messages(5);
        for (const auto& message : messages) ids.push_back(relay.enqueue(message)->id);
        ASSERT_TRUE(relay.fold().has_value());
        ASSERT_EQ(relay.node().bundles().size(), 1u);
        name = relay.node().bundles()[0].name;
    }

    fs::path path() const { return relay.folder.path / "store" / name; }
    // In the second entry: its message is lost, the others can be saved.
    void flip_in_index() const {
        const auto directory = io::open_directory(path().parent_path());
        const auto reader = bundle::Reader::open(*(*directory)->open(name), std::nullopt);
        const auto start = limits::bundle_header_bytes + (*reader)->days().size() * limits::bundle_day_bytes;
        flip(start + limits::bundle_entry_bytes + 4);
    }
    void flip(std::size_t position) const {
        const auto at = static_cast<std::streamoff>(position);
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(at);
        file.put(byte);
    }
    void expect_repaired() {
        relay.run_until([&] { return !fs::exists(path()); });
        relay.run_until([&] {
            const auto bundles = relay.node().bundles();
            return bundles.size() == 1 && bundles[0].name != name;
        });
        std::size_t held = 0;
        for (std::size_t i = 0; i < ids.size(); ++i) held += relay.read(ids[i]) == messages[i] ? 1 : 0;
        EXPECT_EQ(held, 4u);
        EXPECT_EQ(relay.node().status().messages, 4u);
        EXPECT_EQ(relay.node().status().state, "attention");
        EXPECT_THAT(relay.node().status().warnings, Contains("store_damaged"));
    }
};

TEST_F(NodeDamage, AVisitThatMeetsItHasItRepaired) {
    EXPECT_THAT(relay.node().status().warnings, Not(Contains("store_damaged")));
    flip_in_index();
    const auto drive = relay.folder.path / "drive";
    fs::create_directories(drive / "WCMP");
    const auto id = relay.source.add(drive);
    EXPECT_EQ(relay.wait_for(id, "done").result->exported, 0u) << "its index cannot be trusted";
    expect_repaired();
    relay.advance(std::chrono::seconds(60));
    relay.source.change(id);
    relay.run_until([&] { return relay.drive(id).result->exported == 4; });
}

TEST_F(NodeDamage, AReadingThatMeetsItHasItRepairedAndFindsTheRestAfterwards) {
    flip_in_index();
    EXPECT_EQ(relay.recognition("", 10)->count, 0u);
    expect_repaired();
    EXPECT_EQ(relay.recognition("", 10)->count, 4u);
}

TEST_F(NodeDamage, WhatTheStartRepairsIsToldToo) {
    relay.end();
    flip(limits::bundle_header_bytes + 1);
    ASSERT_TRUE(relay.start().has_value());
    EXPECT_EQ(relay.node().status().messages, 5u) << "only the day table was wrong";
    EXPECT_THAT(relay.node().status().warnings, Contains("store_damaged"));
}

}  // namespace
}  // namespace wcmp::node::test
