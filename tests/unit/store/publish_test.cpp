// What the store consists of, and that its directory does not tell when that changed.
#include "bundle/commit.h"
#include "io/constant_time.h"
#include "io/posix.h"
#include "temporary_directory.h"
#include "test_store.h"

#include <sys/stat.h>

namespace wcmp::store::test {
namespace {

TEST(Publish, AnOldSnapshotGoesOnWithWhatWasTakenAway) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(3);
    const auto name = store.hold(messages);
    const auto before = store->snapshot();
    ASSERT_EQ(before->bundles.size(), 1U);
    EXPECT_EQ(before->messages, 3U);
    EXPECT_EQ(before->bytes, bundle::test::sample_bundle(messages).size());
    ASSERT_TRUE(store->publish({}, std::array{name}).has_value());
    EXPECT_TRUE(store->snapshot()->bundles.empty());
    EXPECT_EQ(store->snapshot()->messages, 0U);
    EXPECT_TRUE(store.file_names(".wcmp").empty());
    message::Identifier identifier;
    Bytes buffer;
    const auto entry = before->bundles[0]->find(messages[1].key);
    EXPECT_TRUE(before->bundles[0]->read_message(*entry, identifier, buffer).has_value());
}

TEST(Publish, BundlesAreInTheOrderOfTheirNames) {
    TestStore store;
    store.expect_open();
    for (std::uint32_t day : {first_day + 5, first_day, first_day + 3}) store.hold({store.make_one(day)});
    const auto snapshot = store->snapshot();
    ASSERT_EQ(snapshot->bundles.size(), 3U);
    EXPECT_TRUE(std::ranges::is_sorted(snapshot->bundles, {}, [](const auto& held) { return held->name(); }));
}

TEST(Publish, WhatVanishedIsNotAddedAndWhatWasAddedIsNotTakenAway) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(2);
    const auto name = store.hold(messages);
    const auto gone = bundle::test::open_bytes(bundle::test::sample_bundle(store.make(2)))->name();
    ASSERT_TRUE(store->publish(std::array{name, name, gone}, std::array{name}).has_value());
    EXPECT_EQ(store->snapshot()->bundles.size(), 1U);
    store.expect_readable(messages);
}

TEST(Publish, DeadBundlesAreTakenAwayWhole) {
    TestStore store;
    store.expect_open();
    store.hold(store.make(3));  // of first_day to first_day + 2
    const auto later = store.make_one(first_day + 3);
    store.hold({later});
    EXPECT_EQ(store->drop_dead({.floor = {first_day + 1}}).value(), 0U) << "one of its days lives";
    EXPECT_EQ(store->drop_dead({.floor = {first_day + 2}}).value(), 3U);
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of({later})});
    const Day far{first_day + 3 - 183};
    EXPECT_EQ(store->drop_dead({.floor = far, .trusted = far}).value(), 1U) << "beyond the horizon";
    store.power_cut();
    EXPECT_TRUE(store->snapshot()->bundles.empty());
}

TEST(Publish, DaysThatAreOverBesideDaysBeyondTheHorizonAreDead) {
    TestStore store;
    store.expect_open();
    store.hold({store.make_one(first_day), store.make_one(first_day + 200)});
    EXPECT_EQ(store->drop_dead({.floor = {first_day}}).value(), 0U) << "nobody knows the day";
    const Day day{first_day};
    EXPECT_EQ(store->drop_dead({.floor = day, .trusted = day}).value(), 2U);
    EXPECT_TRUE(store.file_names(".wcmp").empty());
}

// What is imported comes from elsewhere, and only what happens to the output is the store's.
class OneMessage final : public bundle::MessageSource {
public:
    OneMessage(const Sample& message, bool fails) : message_(message), fails_(fails) {}
    Result<bundle::Reader::Message> fetch(std::size_t, const bundle::Item&) override {
        if (fails_) return fail(Errc::io, "cannot read the drive", EIO);
        return bundle::Reader::Message{message_.bytes, {}};
    }

private:
    const Sample& message_;
    bool fails_;
};

TEST(StoreDirectory, AnImportEndsAllWritingOnlyWhenItsOutputFails) {
    for (const bool source_fails : {true, false}) {
        TestStore store;
        store.expect_open();
        const auto message = store.make_one();
        OneMessage source(message, source_fails);
        const bundle::Item item{message.key, static_cast<std::uint32_t>(message.bytes.size())};
        if (!source_fails) store.files.fail_at(store.files.steps() + 2);
        EXPECT_FALSE(bundle::commit(store->directory(), std::span(&item, 1), source, {}).has_value());
        EXPECT_EQ(store->failing(), !source_fails);
    }
}

class RealStore : public testing::Test {
protected:
    void SetUp() override {
        auto directory = io::open_or_make_directory(place_.path() / "store");
        ASSERT_TRUE(directory.has_value());
        OpenReport report;
        auto opened = Store::open(std::move(*directory), {.store_keep_free_bytes = 0}, today,
                                  {clock_, random_}, report);
        ASSERT_TRUE(opened.has_value()) << describe(opened.error());
        store_ = std::move(*opened);
    }
    std::int64_t modified(const std::string& name = "") const {
        struct stat found{};
        EXPECT_EQ(::stat((place_.path() / "store" / name).c_str(), &found), 0) << name;
        return found.st_mtim.tv_sec;
    }
    Bytes make(std::size_t length = 300) {
        return bundle::test::sample_message(random_, first_day, length).bytes;
    }
    void enqueue(const Bytes& message) {
        ASSERT_TRUE(store_->enqueue(std::array{message}, today)[0].has_value());
    }
    void expect_constant_times(std::string_view after) const {
        EXPECT_EQ(modified(), io::year_2000_seconds) << after;
        for (const auto& entry : std::filesystem::directory_iterator(place_.path() / "store"))
            EXPECT_EQ(modified(entry.path().filename()), io::year_2000_seconds) << after << entry.path();
    }

    tests::TemporaryDirectory place_;
    ManualClock clock_;
    SeededRandom random_{1};
    std::unique_ptr<Store> store_;
};

TEST_F(RealStore, NoTimeTellsWhenSomethingCame) {
    expect_constant_times("the start");
    enqueue(make());
    expect_constant_times("a message");
    ASSERT_TRUE(store_->fold(today).has_value());
    expect_constant_times("the first fold");
    ASSERT_TRUE(store_->sidecars().open(store_->snapshot()->bundles[0]).has_value());
    expect_constant_times("a sidecar");
    enqueue(make());
    ASSERT_TRUE(store_->fold(today).has_value());
    expect_constant_times("a fold that absorbs");
    enqueue(make(limits::journal_message_bytes_max + 1));
    expect_constant_times("a large message");
    auto state = store_->state();
    state.high_water = Day{20'001};
    ASSERT_TRUE(store_->change_state([&](State& now) { now = state; }).has_value());
    expect_constant_times("the state");
    ASSERT_TRUE(store_->sidecars().open(store_->snapshot()->bundles[0]).has_value());
    ASSERT_TRUE(store_->drop_dead({.floor = {first_day}}).has_value());
    EXPECT_TRUE(store_->snapshot()->bundles.empty());
    expect_constant_times("its end");
}

}  // namespace
}  // namespace wcmp::store::test
