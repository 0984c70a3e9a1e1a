#include "store/check_store.h"

#include "store/store_stats.h"
#include "test_store.h"

namespace wcmp::store::test {
namespace {

class CheckStore : public testing::Test {
protected:
    CheckStore() {
        store.expect_open();
        held = store.make(20);
        name = bundle::to_string(store.hold(held));
    }

    StoreCheck check() {
        store.close();
        const auto directory = store.files.root();
        auto found = check_store(*directory, store.random, {}, {});
        EXPECT_TRUE(found.has_value());
        return found.value_or(StoreCheck{});
    }
    void flip(std::uint64_t place) {
        store.close();
        auto bytes = store.contents(name);
        bytes.at(place) ^= 1;
        store.put(name, bytes);
    }

    TestStore store;
    std::vector<Sample> held;
    std::string name;
};

TEST_F(CheckStore, ASoundStoreIsSound) {
    store.enqueue(store.make(3));
    const auto found = check();
    EXPECT_TRUE(found.sound());
    EXPECT_EQ(found.bundles, 1u);
    EXPECT_EQ(found.messages, 20u);
    EXPECT_EQ(found.bytes, store.contents(name).size());
    EXPECT_EQ(found.journal_messages, 3u);
}

TEST_F(CheckStore, EveryFlippedByteOfABundleIsFound) {
    store.close();
    const auto good = store.contents(name);
    const auto directory = store.files.root();
    for (std::size_t place = 0; place < good.size(); place += 97) {
        auto bytes = good;
        bytes[place] ^= 0x10;
        store.put(name, bytes);
        const auto found = check_store(*directory, store.random, {}, {});
        ASSERT_TRUE(found.has_value());
        ASSERT_FALSE(found->sound()) << "byte " << place;
    }
}

TEST_F(CheckStore, BadMessagesAreCountedAndNamed) {
    flip(place_in_bundle(held, held[3]) + 100);
    flip(place_in_bundle(held, held[7]) + 100);
    const auto found = check();
    EXPECT_EQ(found.bad_messages, 2u);
    ASSERT_EQ(found.damaged.size(), 1u);
    EXPECT_EQ(bundle::to_string(found.damaged[0]), name);
}

TEST_F(CheckStore, AVoidFileIsNoHarm) {
    const auto other = store.make(2);
    store.close();
    store.put(name_of(other), Bytes(200));
    const auto found = check();
    EXPECT_EQ(found.void_files, 1u);
    EXPECT_TRUE(found.sound());
}

TEST_F(CheckStore, AJournalThatIsNotGivenWholeIsSaid) {
    store.enqueue(store.make(8));
    store.close();
    store.disk.spoil("journal-0", 2000, 1);
    const auto found = check_store(*store.disk.under(store.files.root()), store.random, {}, {});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->unreadable, 1u);
    EXPECT_FALSE(found->sound());
}

TEST_F(CheckStore, ADamagedStateIsSaid) {
    store.close();
    store.put("state", Bytes(17));
    const auto found = check();
    ASSERT_TRUE(found.state.has_value());
    EXPECT_EQ(found.state->code, Errc::invalid);
    EXPECT_FALSE(found.sound());
}

TEST_F(CheckStore, ChangesNothing) {
    flip(place_in_bundle(held, held[3]) + 100);
    const auto names = store.file_names();
    const auto bytes = store.contents(name);
    check();
    EXPECT_EQ(store.file_names(), names);
    EXPECT_EQ(store.contents(name), bytes);
}

TEST_F(CheckStore, TellsHowFarItIsAndStops) {
    store.close();
    const auto directory = store.files.root();
    std::uint64_t last = 0, total = 0;
    const auto told = [&](std::uint64_t done, std::uint64_t of) {
        EXPECT_GE(done, last);
        last = done;
        total = of;
    };
    ASSERT_TRUE(check_store(*directory, store.random, told, {}).has_value());
    EXPECT_EQ(total, store.contents(name).size());
    EXPECT_EQ(last, total);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = check_store(*directory, store.random, {}, stop.get_token());
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().code, Errc::cancelled);
}

TEST_F(CheckStore, StatsCountByDayAndSize) {
    const auto large = store.make_one(first_day + 9, 5000);
    store.hold({large});
    store.enqueue(store.make(2));
    store.close();
    const auto stats = store_stats(*store.files.root(), store.random, {});
    ASSERT_TRUE(stats.has_value());
    EXPECT_EQ(stats->bundles, 2u);
    EXPECT_EQ(stats->all.messages, 21u);
    EXPECT_EQ(stats->all.bytes, 20u * 300 + 5000);
    EXPECT_EQ(stats->by_size[0].messages, 20u);
    EXPECT_EQ(stats->by_size[size_class(5000)].bytes, 5000u);
    EXPECT_EQ(stats->by_day.at(Day{first_day + 9}).messages, 1u);
    EXPECT_EQ(stats->journal_messages, 2u);
}

TEST(SizeClass, EachIsTwiceTheOneBefore) {
    EXPECT_EQ(size_class(0), 0u);
    EXPECT_EQ(size_class(1023), 0u);
    EXPECT_EQ(size_class(1024), 1u);
    EXPECT_EQ(size_class(2047), 1u);
    EXPECT_EQ(size_class(2048), 2u);
    EXPECT_EQ(size_class(std::uint64_t{1} << 40), StoreStats{}.by_size.size() - 1);
}

}  // namespace
}  // namespace wcmp::store::test
