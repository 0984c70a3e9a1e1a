// A damaged bundle of the store: what can be saved is saved, and nothing goes that might still be.
#include "test_store.h"

namespace wcmp::store::test {
namespace {

constexpr std::uint64_t index_at(std::size_t days) {
    return limits::bundle_header_bytes + days * limits::bundle_day_bytes;
}

struct SalvageStore : testing::Test {
    TestStore store;
    std::vector<Sample> messages;
    bundle::Name name;
    std::string file;

    void SetUp() override {
        store.expect_open();
        messages = store.make(9, 6000);
        name = store.hold(messages);
        file = bundle::to_string(name);
    }
    // In the id of the last entry: that message is lost, the others can be saved.
    void damage() {
        auto bytes = store.contents(file);
        bytes[index_at(3) + 8 * limits::bundle_entry_bytes + 3] ^= 1;
        store.put(file, bytes);
    }
};

TEST_F(SalvageStore, SavesWhatIsGoodAndReplacesTheFile) {
    damage();
    const auto salvaged = store->salvage(name);
    ASSERT_TRUE(salvaged.has_value()) << describe(salvaged.error());
    EXPECT_EQ(salvaged->saved, 8U);
    EXPECT_EQ(salvaged->lost, 1U);
    EXPECT_FALSE(store.file_names().contains(file));
    messages.pop_back();
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(messages)});
    store.power_cut();
    store.expect_readable(messages);
}

TEST_F(SalvageStore, ASoundBundleIsLeftAlone) {
    const auto steps = store.files.steps();
    const auto salvaged = store->salvage(name);
    ASSERT_TRUE(salvaged.has_value());
    EXPECT_EQ(salvaged->saved + salvaged->lost, 0U);
    EXPECT_EQ(store.files.steps(), steps);
    EXPECT_TRUE(store.file_names().contains(file));
}

// Good when it was looked at, bad when it was copied: it may be good a third time.
TEST_F(SalvageStore, AMessageThatReadsDifferentlyTheSecondTimeKeepsTheFile) {
    damage();
    store.disk.change_after(file, place_in_bundle(messages, messages[3]) + 5000, 1);
    const auto salvaged = store->salvage(name);
    ASSERT_TRUE(salvaged.has_value()) << describe(salvaged.error());
    EXPECT_EQ(salvaged->saved, 7U);
    EXPECT_EQ(salvaged->lost, 2U) << "for now";
    EXPECT_TRUE(store.file_names().contains(file));
    store.disk.mend();
    store.reopen();
    EXPECT_EQ(store.report.damaged, 0U) << "an index is looked at when it is needed";
    ASSERT_TRUE(store->salvage(name).has_value());
    EXPECT_FALSE(store.file_names().contains(file));
    messages.pop_back();
    store.expect_readable(messages);
}

TEST_F(SalvageStore, AMessageThatCannotBeReadKeepsTheFile) {
    damage();
    store.disk.spoil(file, place_in_bundle(messages, messages[4]) + 100, 50);
    const auto salvaged = store->salvage(name);
    ASSERT_TRUE(salvaged.has_value()) << describe(salvaged.error());
    EXPECT_EQ(salvaged->saved, 7U);
    EXPECT_EQ(salvaged->lost, 2U);
    EXPECT_TRUE(store.file_names().contains(file));
    EXPECT_FALSE(store->failing());
    store.disk.mend();
    ASSERT_TRUE(store->salvage(name).has_value());
    EXPECT_FALSE(store.file_names().contains(file));
    messages.pop_back();
    store.expect_readable(messages);
}

// What is saved has the name of the damaged file, and is cut in two: there is room for one of them.
TEST_F(SalvageStore, OnAFullDiskWhatWasCommittedIsShown) {
    TestStore full;
    full.expect_open();
    const auto held = full.make(9, 60'000);
    const auto whole = bundle::to_string(full.hold(held));
    full.close();
    auto bytes = full.contents(whole);
    bytes[32] ^= 1;  // the hash of the index
    full.put(whole, bytes);
    const auto space = *full.files.root()->space();
    full.files.set_capacity(space.total_bytes - space.free_bytes + limits::commit_reserve_bytes + 400'000);
    full.expect_open();
    EXPECT_EQ(full.file_names(".wcmp").size(), 2U);
    EXPECT_EQ(full->snapshot()->bundles.size(), 1U);
    EXPECT_EQ(full.count_readable(held), 5U);
}

TEST_F(SalvageStore, AFailingStoreSalvagesNothing) {
    damage();
    store.files.fail_at(store.files.steps());
    EXPECT_FALSE(store->salvage(name).has_value());
    EXPECT_TRUE(store->failing());
    EXPECT_EQ(store->salvage(name).error().code, Errc::store_failing);
    EXPECT_TRUE(store.file_names().contains(file));
}

TEST_F(SalvageStore, APowerCutAtAnyStepLosesNothingThatCouldBeSaved) {
    bool reached = true;
    for (std::uint64_t step = 0; reached; ++step) {
        TestStore other(step + 1);
        other.expect_open();
        auto held = other.make(4);
        const auto whole = other.hold(held);
        auto bytes = other.contents(bundle::to_string(whole));
        bytes[index_at(3) + 3 * limits::bundle_entry_bytes + 3] ^= 1;
        other.put(bundle::to_string(whole), bytes);
        const auto cut = other.files.steps() + step;
        other.files.fail_at(cut, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
        std::ignore = other->salvage(whole);
        reached = other.files.steps() > cut;
        other.power_cut();
        std::ignore = other->salvage(whole);
        held.pop_back();
        other.expect_readable(held, std::to_string(step));
    }
}

}  // namespace
}  // namespace wcmp::store::test
