// A whole node above its quota: it takes in a share, lets the rest go by rank, and says so.
#include "store/import_share.h"
#include "store/state_file.h"
#include "test_relay.h"
#include "unit/bundle/sample.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::uint64_t small_quota = 400'000;

struct NodeEvictions : testing::Test {
    TestRelay relay;
    TempFolder drive_folder;
    drives::DriveId drive{};

    void SetUp() override {
        relay.settings.store.bytes_max = small_quota;
        start();
        std::filesystem::create_directory(drive_folder.path / "WCMP");
    }
    void start() {
        const auto started = relay.start();
        ASSERT_TRUE(started.has_value()) << describe(started.error());
    }

    std::vector<bundle::test::Sample> make(std::size_t count, std::uint32_t days = 30) {
        return bundle::test::sample_messages(relay.random, count, test_day + days, 1, 3000);
    }
    void put_on_drive(const std::vector<bundle::test::Sample>& messages) {
        const auto bytes = bundle::test::sample_bundle(messages);
        const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
        std::ofstream file(drive_folder.path / "WCMP" / name, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    DriveInfo::Result visit() {
        if (drive.number == 0) {
            drive = relay.source.add(drive_folder.path, drives::Kind::mountd);
        } else {
            EXPECT_TRUE(relay.node().sync_drive("d" + std::to_string(drive.number)).has_value());
            relay.advance(seconds(1));
        }
        relay.run_until([this] { return relay.drive(drive).state != "done"; });
        return *relay.wait_for(drive, "done").result;
    }
    void until_within_quota() {
        relay.run_until([this] { return relay.node().status().bytes <= relay.settings.store.bytes_max; });
    }
    std::uint64_t refused(std::string_view rule) {
        for (const auto& [name, count] : relay.node().status().refused)
            if (name == rule) return count;
        return 0;
    }
    std::uint64_t threshold() {
        const auto state = store::load_state(**io::open_or_make_directory(relay.folder.path / "store"));
        return state ? state->eviction_threshold : 0;
    }
};

std::uint64_t count_of(const std::vector<Counted>& counts, std::string_view name) {
    for (const auto& counted : counts)
        if (counted.name == name) return counted.count;
    return 0;
}

TEST_F(NodeEvictions, ADriveThatBringsTooMuchIsSharedOutAndTheStoreComesBack) {
    put_on_drive(make(1000));
    const auto result = visit();
    const auto held_back = count_of(result.refused, "import_share");
    EXPECT_GT(result.imported, 100U);
    EXPECT_EQ(result.imported + held_back, 1000U);
    EXPECT_EQ(refused("import_share"), held_back);
    relay.run_until([this] { return relay.events_of("messages.evicted") > 0; });
    until_within_quota();
    const auto status = relay.node().status();
    EXPECT_GT(status.evicted, 0U);
    EXPECT_EQ(status.messages, result.imported - status.evicted);
    EXPECT_LT(threshold(), store::State{}.eviction_threshold);
    EXPECT_THAT(status.warnings, testing::Not(testing::Contains("store_full")))
        << "nobody needs to do anything";

    const auto again = visit();
    EXPECT_GT(count_of(again.refused, "evicted"), 0U);
    EXPECT_EQ(refused("evicted"), count_of(again.refused, "evicted"));
}

// As after a crash: the quota is what it was, and nothing comes that would start it.
TEST_F(NodeEvictions, AStartAboveTheQuotaBringsItBack) {
    put_on_drive(make(200));
    visit();
    relay.stop();
    relay.settings.store.bytes_max = small_quota / 4;
    start();
    until_within_quota();
    EXPECT_GT(relay.node().status().evicted, 0U);
}

TEST_F(NodeEvictions, AnotherQuotaCountsAtOnce) {
    put_on_drive(make(200));
    visit();
    relay.settings.store.bytes_max = small_quota / 4;
    relay.node().reload(relay.settings);
    until_within_quota();
    EXPECT_EQ(relay.exit_code, std::nullopt);
}

TEST_F(NodeEvictions, TheThresholdRisesWhenTheFloodHasExpired) {
    put_on_drive(make(1500, 2));
    for (int i = 0; i < 8; ++i) {
        visit();
        until_within_quota();
        relay.advance(hours(5));
    }
    const auto low = threshold();
    EXPECT_LT(low, ~std::uint64_t{0} / 10 * 6);
    // What lives longer than the flood, most of which would be evicted.
    std::filesystem::remove_all(drive_folder.path / "WCMP");
    std::filesystem::create_directory(drive_folder.path / "WCMP");
    put_on_drive(make(150, 100));
    ASSERT_TRUE(relay.node().set_today(Day{test_day + 3}).has_value());
    EXPECT_GT(count_of(visit().refused, "evicted"), 0U);
    relay.run_until([&] { return threshold() > low; });
    EXPECT_EQ(threshold(), low + low / 2);
    // Not again before six hours have passed.
    EXPECT_GT(visit().imported, 0U);
    visit();
    relay.stop();
    EXPECT_EQ(threshold(), low + low / 2);
}

TEST_F(NodeEvictions, ARestartKeepsTheThreshold) {
    put_on_drive(make(1000));
    visit();
    relay.run_until([this] { return relay.events_of("messages.evicted") > 0; });
    until_within_quota();
    const auto before = threshold();
    relay.stop();
    start();
    EXPECT_EQ(threshold(), before);
    drive = {};
    EXPECT_GT(count_of(visit().refused, "evicted"), 0U);
}

TEST_F(NodeEvictions, MessagesOfClientsHaveAShareOfTheirOwn) {
    std::uint64_t bytes = 0;
    Outcome<Enqueued> answer{};
    for (int i = 0; i < 400 && answer; ++i) {
        const auto message = relay.message();
        answer = relay.enqueue(message);
        if (answer) bytes += message.size();
    }
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::no_space);
    EXPECT_GT(answer.error().retry_after, seconds(0));
    EXPECT_LE(answer.error().retry_after, hours(6));
    EXPECT_GE(bytes, small_quota / 10 * 9);
    EXPECT_LE(bytes, small_quota + store::ImportShare::capacity(store::Drawer::messages, small_quota));
    EXPECT_EQ(refused("import_share"), 1U);
    relay.advance(answer.error().retry_after);
    // Sealed again, it draws again: an eviction may have come in between.
    bool taken = false;
    for (int i = 0; i < 50 && !taken; ++i) taken = relay.enqueue(relay.message()).has_value();
    EXPECT_TRUE(taken);
}

TEST_F(NodeEvictions, AMessageThatDrawsABlankIsRefusedByName) {
    relay.stop();
    {
        const auto directory = io::open_or_make_directory(relay.folder.path / "store");
        auto state = *store::load_state(**directory);
        state.eviction_threshold = 1;
        ASSERT_TRUE(store::save_state(**directory, state).has_value());
    }
    start();
    const auto answer = relay.enqueue(relay.message());
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::refused);
    EXPECT_EQ(answer.error().rule, "evicted");
    EXPECT_THAT(answer.error().detail, testing::HasSubstr("seal it again"));
    EXPECT_EQ(refused("evicted"), 1U);
}

TEST_F(NodeEvictions, AnUploadOfWhichNothingComesInIsAskedToComeAgain) {
    const auto taken = relay.upload(bundle::test::sample_bundle(make(400)), 100'000);
    ASSERT_TRUE(taken.has_value()) << taken.error().detail;
    EXPECT_GT(taken->imported, 100U);
    EXPECT_GT(count_of(taken->refused, "import_share"), 0U);
    until_within_quota();
    // Too large for what the eviction left, and too many for all of them to be of a rank that goes.
    std::vector<bundle::test::Sample> large;
    for (int i = 0; i < 10; ++i)
        large.push_back(bundle::test::sample_message(relay.random, test_day + 9, 300'000));
    const auto none = relay.upload(bundle::test::sample_bundle(large), 100'000);
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, Errc::no_space);
    EXPECT_GT(none.error().retry_after, seconds(0));
}

}  // namespace
}  // namespace wcmp::node::test
