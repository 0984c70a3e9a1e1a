// What a whole node keeps in order: drives after their visit, and its own store.
#include "bundle_folder.h"
#include "gated_directory.h"
#include "node/store_upkeep.h"
#include "node/tidying.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

namespace fs = std::filesystem;
using drives::Kind;
using drives::Light;
using std::chrono::hours;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;

struct NodeUpkeep : testing::Test {
    TestRelay relay;
    SeededRandom random{7};
    Gate gate;

    ~NodeUpkeep() override { gate.open(); }

    fs::path store() const { return relay.folder.path / "store"; }
    fs::path stick() const { return relay.folder.path / "stick"; }
    fs::path on_stick() const { return stick() / "WCMP"; }
    void start() {
        const auto started = relay.start();
        ASSERT_TRUE(started.has_value()) << describe(started.error());
    }
    drives::DriveId plug_in() {
        relay.source.wrap(
            [this](auto inner) { return std::make_unique<GatedDirectory>(std::move(inner), gate); });
        return relay.source.add(stick(), Kind::mountd);
    }
    void advance(seconds by) { relay.advance(by); }
    // Second by second, so that what looks now and then does.
    void pass_time_until(const std::function<bool()>& done) {
        for (int second = 0; second < 3600 && !done(); ++second) {
            advance(seconds(1));
            relay.io().run_one_for(std::chrono::milliseconds(2));
        }
        ASSERT_TRUE(done());
    }
    std::size_t dones() const { return relay.events_of("drive.done"); }
    void wait_for_dones(std::size_t count) {
        relay.run_until([&] { return dones() == count; });
    }
};

TEST_F(NodeUpkeep, AStickWithManyBundlesIsTidiedOnceAfterItsVisit) {
    const auto keys = put_bundles(on_stick(), 12, random);
    start();
    const auto drive = plug_in();
    EXPECT_EQ(relay.wait_for(drive, "done").result->imported, keys.size());
    wait_for_dones(1);
    EXPECT_EQ(count_bundles(on_stick()), 12u);
    advance(seconds(9));
    EXPECT_EQ(relay.drive(drive).state, "done");

    gate.close();
    advance(seconds(1));
    relay.run_until([&] { return gate.is_somebody_waiting() && relay.drive(drive).phase == "tidying"; });
    EXPECT_EQ(relay.drive(drive).state, "busy");
    relay.run_until([&] { return relay.lights.back() == Light::busy; });
    relay.run_until(
        [&] { return testing::Matches(Contains(HasSubstr(R"("phase":"tidying")")))(relay.events); });
    gate.open();
    const auto done = relay.wait_for(drive, "done");
    EXPECT_EQ(done.result->imported, keys.size()) << "what the visit brought is told again";
    wait_for_dones(2);
    relay.run_until([&] { return relay.lights.back() == Light::done; });
    EXPECT_EQ(count_bundles(on_stick()), 4u);
    EXPECT_EQ(held_in(on_stick()), keys);
    EXPECT_EQ(relay.source.released(), 2u);

    put_bundles(on_stick(), 12, random);
    ASSERT_TRUE(relay.node().sync_drive("d1").has_value());
    wait_for_dones(3);
    advance(seconds(60));
    EXPECT_EQ(relay.drive(drive).state, "done");
    EXPECT_EQ(relay.source.released(), 3u) << "once an insertion";
}

TEST_F(NodeUpkeep, AStickThatIsInOrderIsNotOpenedAgain) {
    put_bundles(on_stick(), 8, random);
    start();
    const auto drive = plug_in();
    relay.wait_for(drive, "done");
    wait_for_dones(1);
    advance(seconds(60));
    EXPECT_EQ(relay.drive(drive).state, "done");
    EXPECT_EQ(relay.source.released(), 1u);
}

TEST_F(NodeUpkeep, WhatIsTakenAtDoneIsNotTidied) {
    put_bundles(on_stick(), 12, random);
    start();
    const auto drive = plug_in();
    relay.wait_for(drive, "done");
    advance(seconds(5));
    relay.source.remove(drive);
    advance(seconds(60));
    EXPECT_EQ(relay.source.released(), 1u);
    EXPECT_EQ(count_bundles(on_stick()), 12u);
}

TEST_F(NodeUpkeep, ASharedOneIsLeftToPeople) {
    put_bundles(on_stick(), 12, random);
    start();
    relay.source.shared = true;
    const auto drive = relay.source.add(stick());
    relay.wait_for(drive, "done");
    advance(seconds(30));
    EXPECT_EQ(relay.source.released(), 1u);
    EXPECT_EQ(count_bundles(on_stick()), 12u);
}

// Its time is over: what was done counts, and it is done.
TEST_F(NodeUpkeep, AfterThirtySecondsTheDriveIsGivenBack) {
    const auto keys = put_bundles(on_stick(), 12, random);
    start();
    const auto drive = plug_in();
    relay.wait_for(drive, "done");
    gate.close();
    advance(seconds(10));
    relay.run_until([&] { return gate.is_somebody_waiting(); });
    advance(seconds(29));
    EXPECT_EQ(relay.drive(drive).state, "busy");
    advance(seconds(1));
    gate.open();
    relay.wait_for(drive, "done");
    wait_for_dones(2);
    EXPECT_EQ(count_bundles(on_stick()), 12u) << "nothing was merged, and nothing void is left";
    EXPECT_EQ(held_in(on_stick()), keys);
    EXPECT_EQ(relay.source.released(), 2u);
}

TEST_F(NodeUpkeep, PulledOutInItLosesNothing) {
    const auto keys = put_bundles(on_stick(), 12, random);
    start();
    const auto drive = plug_in();
    relay.wait_for(drive, "done");
    gate.close();
    advance(seconds(10));
    relay.run_until([&] { return gate.is_somebody_waiting(); });
    relay.source.remove(drive);
    gate.open();
    relay.run_until([&] { return relay.node().drives().empty(); });
    EXPECT_EQ(held_in(on_stick()), keys);
}

TEST_F(NodeUpkeep, SmallBundlesOfTheStoreBecomeOneWithinTenMinutes) {
    const auto keys = put_bundles(store(), 6, random);
    start();
    ASSERT_EQ(relay.node().bundles().size(), 6u);
    advance(StoreUpkeep::look_every);
    relay.run_until([&] { return relay.node().bundles().size() == 1; });
    EXPECT_EQ(relay.node().status().messages, keys.size());
    EXPECT_EQ(held_in(store()), keys);
    EXPECT_EQ(count_bundles(store()), 1u);
    relay.restart();
    EXPECT_EQ(relay.node().bundles().size(), 1u);
    EXPECT_EQ(relay.node().status().messages, keys.size());
}

TEST_F(NodeUpkeep, ATrickleWritesNoLargeBundleAgainAndAgain) {
    std::vector<bundle::test::Sample> large;
    for (int i = 0; i < 3; ++i)
        large.push_back(bundle::test::sample_message(random, test_day + 90, 1'000'000));
    std::ranges::sort(large, {}, &bundle::test::Sample::key);
    put_bundle(store(), large);
    put_bundle(store(), {bundle::test::sample_message(random, test_day + 90)});
    start();
    const auto count = [this] { return relay.node().bundles().size(); };
    pass_time_until([&] { return count() == 1; });
    ASSERT_TRUE(relay.enqueue(relay.message()).has_value());
    ASSERT_TRUE(relay.fold().has_value());
    ASSERT_EQ(count(), 2u);
    const auto then = relay.clock.boot;
    pass_time_until([&] { return relay.clock.boot > then + 2 * StoreUpkeep::look_every; });
    EXPECT_EQ(count(), 2u);
    advance(hours(24));
    pass_time_until([&] { return count() == 1; });
}

TEST_F(NodeUpkeep, DeadDaysLeaveTheStoreAfterADay) {
    auto messages = bundle::test::sample_messages(random, 20, test_day + 90, 1);
    messages.push_back(bundle::test::sample_message(random, test_day + 1));
    put_bundle(store(), messages);
    start();
    EXPECT_EQ(relay.node().bundles()[0].messages, 21u);
    advance(hours(24));
    pass_time_until([&] { return relay.node().status().messages == 20; });
    const auto dead_at = relay.clock.boot;
    pass_time_until([&] { return relay.clock.boot > dead_at + 2 * StoreUpkeep::look_every; });
    EXPECT_EQ(held_in(store()).size(), 21u) << "dead, and for less than a day";
    advance(hours(24));
    pass_time_until([&] { return relay.node().bundles()[0].messages == 20; });
    EXPECT_EQ(held_in(store()).size(), 20u);
}

TEST_F(NodeUpkeep, TheStoreGivesWayToVisits) {
    put_bundles(store(), 6, random);
    fs::create_directories(on_stick());
    start();
    std::latch go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        go_on.wait();
        return {};
    });
    const auto drive = relay.source.add(stick(), Kind::mountd);
    advance(StoreUpkeep::look_every);
    advance(StoreUpkeep::look_again);
    EXPECT_EQ(relay.node().bundles().size(), 6u);
    go_on.count_down();
    relay.wait_for(drive, "done");
    advance(StoreUpkeep::look_again);
    relay.run_until([&] { return relay.node().bundles().size() == 1; });
}

// What clients handed in must go along: the visit waits for the fold, and the fold for the one merge.
TEST_F(NodeUpkeep, AVisitThatBeginsDuringAMergeWaitsForTheFold) {
    const auto keys = put_bundles(store(), 6, random);
    fs::create_directories(on_stick());
    auto directory = io::open_or_make_directory(store());
    ASSERT_TRUE(directory.has_value());
    ASSERT_TRUE(relay.start(std::make_unique<GatedDirectory>(std::move(*directory), gate)).has_value());
    gate.close();
    advance(StoreUpkeep::look_every);
    relay.run_until([&] { return gate.is_somebody_waiting(); });
    ASSERT_TRUE(relay.enqueue(relay.message()).has_value());
    const auto drive = relay.source.add(stick(), Kind::mountd);
    for (int i = 0; i < 20; ++i) relay.io().run_one_for(std::chrono::milliseconds(5));
    EXPECT_EQ(relay.drive(drive).state, "busy");
    gate.open();
    EXPECT_EQ(relay.wait_for(drive, "done").result->exported, keys.size() + 1);
}

TEST_F(NodeUpkeep, AStoreThatStopsInTheMiddleHasEverything) {
    const auto keys = put_bundles(store(), 6, random);
    auto directory = io::open_or_make_directory(store());
    ASSERT_TRUE(relay.start(std::make_unique<GatedDirectory>(std::move(*directory), gate)).has_value());
    gate.close();
    advance(StoreUpkeep::look_every);
    relay.run_until([&] { return gate.is_somebody_waiting(); });
    bool stopped = false;
    relay.node().stop([&] { stopped = true; });
    gate.open();
    relay.run_until([&] { return stopped; });
    relay.end();
    EXPECT_EQ(held_in(store()), keys);
    start();
    EXPECT_EQ(relay.node().status().messages, keys.size());
}

}  // namespace
}  // namespace wcmp::node::test
