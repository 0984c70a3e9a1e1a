#include "offline/compact_store.h"

#include "resting.h"

namespace wcmp::offline::test {
namespace {

TEST(CompactStore, SmallBundlesAndTheJournalsBecomeOneBundle) {
    Resting resting;
    const auto held = together(resting.hold_small(6), resting.enqueue(5));
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->before.bundles, 6U);
    EXPECT_EQ(result->after.bundles, 1U);
    EXPECT_EQ(result->folded, 5U);
    EXPECT_EQ(result->journal_left, 0U);
    EXPECT_FALSE(result->lacks_room);
    EXPECT_EQ(resting.store.file_names(".wcmp"), std::set{store::test::name_of(held)});
    EXPECT_EQ(result->after.bytes, resting.store.contents(store::test::name_of(held)).size());
    resting.expect_held(held);
}

TEST(CompactStore, ASecondTimeThereIsNothingToDo) {
    Resting resting;
    resting.hold_small(6);
    ASSERT_TRUE(resting.compact().has_value());
    const auto names = resting.store.file_names();
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value());
    EXPECT_FALSE(result->upkeep.did_something());
    EXPECT_EQ(result->upkeep.bytes_written, 0U);
    EXPECT_EQ(result->before.bytes, result->after.bytes);
    EXPECT_EQ(resting.store.file_names(), names);
}

TEST(CompactStore, WhatIsDeadLeaves) {
    Resting resting;
    auto some = resting.store.make(20);
    const auto held = some;
    for (int i = 0; i < 10; ++i) some.push_back(resting.store.make_one(dead_day, 2000));
    resting.store.hold(some);
    resting.store.hold({resting.store.make_one(dead_day)});
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(resting.store.file_names(".wcmp"), std::set{store::test::name_of(held)});
    EXPECT_LT(result->after.bytes, result->before.bytes / 2);
    resting.expect_held(held);
}

// A clock that nobody set is a year ahead: by it everything would be dead.
TEST(CompactStore, NothingDiesByAClockThatIsNotBelieved) {
    Resting resting;
    const auto held = resting.hold_small(4);
    resting.store.clock.system = std::chrono::sys_days(std::chrono::days(today.floor.number + 365));
    ASSERT_TRUE(resting.compact().has_value());
    resting.expect_held(held);
    resting.store.clock.is_disciplined = true;
    store::State state = *store::load_state(*resting.store.files.root());
    state.high_water = today.floor;
    ASSERT_TRUE(store::save_state(*resting.store.files.root(), state).has_value());
    ASSERT_TRUE(resting.compact().has_value());
    resting.expect_held(held, "a time server is not believed alone");
}

TEST(CompactStore, SavesWhatCanBeSavedOfDamagedBundles) {
    Resting resting;
    auto held = resting.store.make(6);
    const auto name = bundle::to_string(resting.store.hold(held));
    const auto others = resting.hold_small(2);
    resting.store.close();
    auto bytes = resting.store.contents(name);
    bytes[store::test::place_in_bundle(held, held[2]) + 50] ^= 1;
    bytes[33] ^= 1;  // of the index hash
    resting.store.put(name, bytes);
    held.erase(held.begin() + 2);
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->opened.damaged, 1U);
    EXPECT_EQ(result->opened.saved, 5U);
    EXPECT_EQ(result->opened.lost, 1U);
    EXPECT_EQ(result->after.bundles, 1U);
    resting.expect_held(together(held, others));
}

// Header and name are right, so it is found only when its index is gone through.
TEST(CompactStore, SavesWhatAWrongIndexTells) {
    Resting resting;
    auto held = resting.store.make(6);
    const auto name = bundle::to_string(resting.store.hold(held));
    const auto others = resting.hold_small(2);
    resting.store.close();
    auto bytes = resting.store.contents(name);
    const auto reader = bundle::test::open_bytes(bytes);
    const auto second_entry = reader->header().index_offset() + limits::bundle_entry_bytes;
    bytes[second_entry + 3] ^= 1;
    resting.store.put(name, bytes);
    held.erase(held.begin() + 1);
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_GE(result->upkeep.wrong_bundles, 1U);
    EXPECT_EQ(result->upkeep.salvaged, 5U);
    EXPECT_EQ(result->upkeep.lost, 1U);
    EXPECT_EQ(result->after.bundles, 1U) << "what was saved is merged as well";
    resting.expect_held(together(held, others));
}

TEST(CompactStore, ARottenMessageIsLeftOut) {
    Resting resting;
    auto held = resting.store.make(6);
    const auto name = bundle::to_string(resting.store.hold(held));
    const auto others = resting.hold_small(2);
    resting.store.close();
    auto bytes = resting.store.contents(name);
    bytes[store::test::place_in_bundle(held, held[2]) + 50] ^= 1;
    resting.store.put(name, bytes);
    held.erase(held.begin() + 2);
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(std::ranges::count(result->upkeep.invalid, 1U), 1);
    EXPECT_EQ(result->after.bundles, 1U);
    resting.expect_held(together(held, others));
}

TEST(CompactStore, ABundleThatCannotBeReadIsLeftAloneAndHidesNoOther) {
    Resting resting;
    const auto worn = resting.store.make(6, 9000);
    const auto name = bundle::to_string(resting.store.hold(worn));
    const auto others = resting.hold_small(3);
    resting.store.disk.spoil(name, store::test::place_in_bundle(worn, worn[2]) + 4000, 1);
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->upkeep.unreadable, 1U);
    EXPECT_EQ(result->after.bundles, 2U);
    EXPECT_TRUE(resting.store.file_names(".wcmp").contains(name));
    resting.store.disk.mend();
    resting.expect_held(together(worn, others));
}

TEST(CompactStore, WhatIsNoStoreIsNotMadeOne) {
    Resting resting;
    CompactResult result;
    const auto done = compact_store(resting.out.root(), {.build_day = today.floor},
                                    {resting.store.clock, resting.store.random}, result);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::not_found);
    EXPECT_EQ(resting.out.steps(), 0U);
}

TEST(CompactStore, AStoreThatARelayWorksInIsLeftAlone) {
    Resting resting;
    resting.hold_small(3);
    CompactResult result;
    const auto steps = resting.store.files.steps();
    const auto done = compact_store(resting.store.files.root(), {.build_day = today.floor},
                                    {resting.store.clock, resting.store.random}, result);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::busy);
    EXPECT_EQ(resting.store.files.steps(), steps);
}

// Used up but for `free` bytes.
void fill_disk(Resting& resting, std::uint64_t free) {
    const auto space = resting.store.files.root()->space();
    resting.store.files.set_capacity(space->total_bytes - space->free_bytes + free);
}

TEST(CompactStore, AFullDiskIsSaidAndNothingIsLost) {
    Resting resting;
    const auto held = together(resting.hold_small(5), resting.enqueue(3));
    resting.store.close();
    fill_disk(resting, 1000);
    const auto result = resting.compact();
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->lacks_room);
    EXPECT_EQ(result->journal_left, 3U);
    EXPECT_EQ(result->after.bundles, 5U);
    resting.store.files.set_capacity(std::uint64_t{1} << 40);
    const auto again = resting.compact();
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->lacks_room);
    EXPECT_EQ(again->after.bundles, 1U);
    resting.expect_held(held);
}

TEST(CompactStore, AReadOnlyDiskIsAnError) {
    Resting resting;
    const auto held = resting.hold_small(5);
    resting.store.close();
    resting.store.files.set_read_only(true);
    const auto result = resting.compact();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::read_only);
    resting.store.files.set_read_only(false);
    resting.expect_held(held);
}

// Whatever fails, and however: what the relay finds is all that was there, and the next one finishes.
void expect_nothing_lost(const DiskFault& how) {
    const auto& [fault, stride] = how;
    for (std::uint64_t step = 0;; step += stride) {
        Resting resting(100 + step);
        const auto held = together(resting.hold_small(2), resting.enqueue(2));
        resting.store.close();
        const auto last = resting.store.files.steps() + step;
        resting.store.files.fail_at(last, fault);
        std::ignore = resting.compact();
        const bool reached = resting.store.files.steps() > last;
        resting.store.files.power_cut();
        const auto when = std::to_string(fault.os_error) + ", step " + std::to_string(step);
        resting.expect_held(held, when);
        const auto again = resting.compact();
        ASSERT_TRUE(again.has_value()) << when << describe(again.error());
        EXPECT_EQ(again->after.bundles, 1U) << when;
        EXPECT_EQ(sync::test::held(*resting.store.files.root()), store::test::keys_of(held)) << when;
        if (!reached) break;
    }
}

TEST(CompactStore, APowerCutAtAnyStepLosesNothing) {
    expect_nothing_lost(faults[0]);
}

TEST(CompactStore, AnErrorAtAStepLosesNothing) {
    expect_nothing_lost(faults[1]);
}

TEST(CompactStore, ADiskThatIsFullFromAStepOnLosesNothing) {
    expect_nothing_lost(faults[2]);
}

TEST(CompactStore, AStopAtAnyMomentLeavesAWholeStore) {
    for (int moment = 0;; ++moment) {
        Resting resting(7);
        const auto held = together(resting.hold_small(4), resting.enqueue(3));
        int calls = 0;
        resting.on_progress = [&](const sync::Progress&) {
            if (calls++ == moment) resting.stop.request_stop();
        };
        const auto result = resting.compact();
        if (calls <= moment) break;
        if (!result) {
            EXPECT_EQ(result.error().code, Errc::cancelled);
        }
        resting.expect_held(held, std::to_string(moment));
    }
}

}  // namespace
}  // namespace wcmp::offline::test
