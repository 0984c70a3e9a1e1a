// A fold brings the journal into a bundle, and harms nothing that is held already.
#include "test_store.h"

#include <algorithm>

namespace wcmp::store::test {
namespace {

TEST(Fold, BringsWhatWasEnqueuedAndEmptiesTheJournal) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(5);
    store.enqueue(messages);
    const auto folded = store->fold(today);
    ASSERT_TRUE(folded.has_value());
    EXPECT_EQ(std::set(folded->begin(), folded->end()), keys_of(messages));
    EXPECT_TRUE(std::ranges::is_sorted(*folded));
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(messages)});
    EXPECT_EQ(store->journal_messages(), 0U);
    for (const auto name : journal_names)
        EXPECT_EQ(store.contents(std::string(name)), Bytes(limits::journal_file_bytes)) << name;
    store.expect_readable(messages);
}

TEST(Fold, AbsorbsSmallBundlesIntoOne) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(4);
    const auto fresh = store.make(3);
    const auto absorbed = store.hold(held);
    store.enqueue(fresh);
    store.expect_fold();
    auto all = held;
    all.insert(all.end(), fresh.begin(), fresh.end());
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(all)});
    EXPECT_NE(bundle::to_string(absorbed), name_of(all));
    store.expect_readable(all);
}

// A rule decides what comes in. It removes nothing that is held.
TEST(Fold, CarriesOverWhatARuleWouldRefuseToday) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(3, 50'000);
    store.hold(held);
    store.settings.admission.message_bytes_max = 40'000;
    store->set_settings(store.settings);
    const auto fresh = store.make(40, 1000);
    store.enqueue(fresh);
    store.expect_fold();
    EXPECT_EQ(store.file_names(".wcmp").size(), 1U) << "it was absorbed";
    store.expect_readable(held);
    store.expect_readable(fresh);
    store.reopen();
    store.expect_readable(held);
}

TEST(Fold, DropsWhatARuleRefusesByThenFromTheJournalAlone) {
    TestStore store;
    store.expect_open();
    const auto large = store.make(2, 5000);
    const auto small = store.make(2, 300);
    store.enqueue(large);
    store.enqueue(small);
    store.settings.admission.message_bytes_max = 4000;
    store->set_settings(store.settings);
    store.expect_fold();
    EXPECT_EQ(store.count_readable(large), 0U);
    store.expect_readable(small);
}

TEST(Fold, CarriesNothingThatIsDead) {
    TestStore store;
    store.expect_open();
    std::vector<Sample> held = store.make(3);
    const auto dead = store.make_one(today.floor.number);
    held.push_back(dead);
    store.hold(held);
    const auto fresh = store.make(2);
    store.enqueue(fresh);
    store.expect_fold();
    held.pop_back();
    held.insert(held.end(), fresh.begin(), fresh.end());
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(held)});
}

// Wherever in a small bundle a sector gives nothing: what is new is folded, the bundle stays, and the store
// goes on taking messages.
TEST(Fold, ABundleThatCannotBeReadIsNotAbsorbedAndStopsNothing) {
    const std::size_t count = 4;
    for (std::uint64_t place = 0;; place += 128) {
        TestStore store;
        store.expect_open();
        const auto held = store.make(count);
        const auto sound = store.make(2, 700);
        const auto worn = bundle::to_string(store.hold(held));
        store.hold(sound);
        if (place >= bundle::test::sample_bundle(held).size()) break;
        store.disk.spoil(worn, place, 128);
        const auto fresh = store.make(3);
        store.enqueue(fresh);
        store.expect_fold();
        EXPECT_FALSE(store->failing()) << place;
        EXPECT_TRUE(store.file_names(".wcmp").contains(worn)) << place;
        EXPECT_EQ(store.file_names(".wcmp").size(), 2U) << "the other one was absorbed, " << place;
        store.expect_readable(fresh);
        store.expect_readable(sound);
        const auto readings = store.disk.readings(worn);
        store.enqueue(store.make(1));
        store.expect_fold();
        EXPECT_EQ(store.disk.readings(worn), readings) << "tried once a run: a sector can take half a minute";
        store.reopen();
        EXPECT_FALSE(store->failing()) << place;
        store.disk.mend();
        store.reopen();
        store.expect_readable(held, std::to_string(place));
    }
}

// Found out only when it is copied: its header and index are sound.
TEST(Fold, AMessageThatCannotBeReadKeepsItsBundleOutAndLosesNothing) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(3, 9000);
    const auto sound = store.make(2, 7000);
    const auto worn = bundle::to_string(store.hold(held));
    store.hold(sound);
    store.disk.spoil(worn, place_in_bundle(held, held[1]) + 4000, 512);
    const auto fresh = store.make(3);
    store.enqueue(fresh);
    store.expect_fold();
    EXPECT_FALSE(store->failing());
    EXPECT_EQ(store->journal_messages(), 0U);
    EXPECT_TRUE(store.file_names().contains(worn));
    EXPECT_EQ(store.file_names(".wcmp").size(), 2U) << "the other one was absorbed";
    EXPECT_EQ(store.count_readable(held), 2U);
    const auto readings = store.disk.readings(worn);
    const auto more = store.make(1);
    store.enqueue(more);
    store.expect_fold();
    EXPECT_EQ(store.disk.readings(worn), readings) << "tried once a run";
    store.expect_readable(fresh);
    store.expect_readable(more);
    store.disk.mend();
    store.expect_readable(held);
}

TEST(Fold, AnotherCopyServesWhereOneCannotBeRead) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(3, 9000);
    const auto more = store.make(1);
    auto both = messages;
    both.insert(both.end(), more.begin(), more.end());
    const auto worn = store.hold(messages);
    const auto whole = store.hold(both);
    store.disk.spoil(bundle::to_string(worn), place_in_bundle(messages, messages[1]), 9000);
    const auto fresh = store.make(2);
    store.enqueue(fresh);
    store.expect_fold();
    const auto names = store.file_names(".wcmp");
    EXPECT_EQ(names.size(), 1U);
    EXPECT_FALSE(names.contains(bundle::to_string(worn)) || names.contains(bundle::to_string(whole)));
    store.expect_readable(both);
    store.expect_readable(fresh);
}

// Its messages are good when it is absorbed, and bad when the rest is written without the first bad one.
TEST(Fold, ABundleThatReadsDifferentlyEachTimeIsNotAbsorbed) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(3, 9000);
    const auto name = bundle::to_string(store.hold(held));
    store.disk.change_after(name, place_in_bundle(held, held[0]) + 8000, 0);
    store.disk.change_after(name, place_in_bundle(held, held[1]) + 8000, 1);
    const auto fresh = store.make(2);
    store.enqueue(fresh);
    store.expect_fold();
    store.expect_readable(fresh);
    EXPECT_TRUE(store.file_names().contains(name));
    store.disk.mend();
    store.expect_readable(held);
}

TEST(Fold, ABundleWithAWrongIndexIsLeftForSalvage) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(4);
    const auto name = bundle::to_string(store.hold(held));
    auto bytes = store.contents(name);
    bytes[limits::bundle_header_bytes + 3 * limits::bundle_day_bytes + 5] ^= 1;  // an id
    store.put(name, bytes);
    const auto fresh = store.make(2);
    store.enqueue(fresh);
    store.expect_fold();
    store.expect_readable(fresh);
    EXPECT_TRUE(store.file_names().contains(name));
    EXPECT_FALSE(store->failing());
}

TEST(Fold, AbsorbsNothingWhereTheRoomDoesNotSuffice) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(40, 5000);
    const auto name = bundle::to_string(store.hold(held));
    const auto fresh = store.make(3);
    store.enqueue(fresh);
    const auto free = store.files.root()->space()->free_bytes;
    store.files.set_capacity((std::uint64_t{1} << 40) - free + limits::commit_reserve_bytes + 100'000);
    store.expect_fold();
    EXPECT_TRUE(store.file_names().contains(name));
    EXPECT_EQ(store.file_names(".wcmp").size(), 2U);
    store.expect_readable(held);
    store.expect_readable(fresh);
}

TEST(Fold, WithoutAnyRoomTheJournalKeepsItAll) {
    TestStore store;
    store.expect_open();
    const auto fresh = store.make(3);
    store.enqueue(fresh);
    const auto free = store.files.root()->space()->free_bytes;
    store.files.set_capacity((std::uint64_t{1} << 40) - free + limits::commit_reserve_bytes / 2);
    const auto folded = store->fold(today);
    ASSERT_FALSE(folded.has_value());
    EXPECT_EQ(folded.error().code, Errc::no_space);
    EXPECT_FALSE(store->failing());
    store.expect_readable(fresh);
    store.files.set_capacity(std::uint64_t{1} << 40);
    store.expect_fold();
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(fresh)});
}

// Enqueued once more after its fold: this process wrote and synced that bundle, so nothing is written.
TEST(Fold, WhatThisProcessHasInABundleIsDropped) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(3);
    store.enqueue(messages);
    store.expect_fold();
    store.enqueue(messages);
    EXPECT_EQ(store->journal_messages(), 3U);
    const auto again = store->fold(today);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->empty());
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(messages)});
    EXPECT_EQ(store->journal_messages(), 0U);
    store.power_cut();
    store.expect_readable(messages);
}

// A bundle that is found may be in the cache only. Before the journal goes it is synced, its name too.
TEST(Fold, ABundleThatWasFoundCountsOnlyOnceItIsSynced) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        for (const bool same_set : {true, false}) {
            TestStore store(seed);
            store.expect_open();
            const auto messages = store.make(4);
            store.enqueue(messages);
            store.close();
            auto found = messages;
            if (!same_set) found.push_back(store.make_one());
            store.put_unsynced(name_of(found), bundle::test::sample_bundle(found));
            store.expect_open();
            EXPECT_EQ(store->journal_messages(), 0U);
            store.power_cut();
            store.expect_readable(messages, std::to_string(seed));
        }
    }
}

// At every step of a fold that absorbs: the power goes, and everything that was held is held.
TEST(Fold, APowerCutAtAnyStepLosesNothing) {
    for (std::uint64_t step = 0;; ++step) {
        bool reached = true;
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            TestStore store(seed * 1000 + step);
            store.expect_open();
            const auto held = store.make(3);
            store.hold(held);
            const auto fresh = store.make(3);
            store.enqueue(fresh);
            const auto cut = store.files.steps() + step;
            store.files.fail_at(cut, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            std::ignore = store->fold(today);
            reached = store.files.steps() > cut;
            store.power_cut();
            store.expect_readable(held, "held, step " + std::to_string(step));
            store.expect_readable(fresh, "new, step " + std::to_string(step));
            EXPECT_FALSE(store->failing());
        }
        if (!reached) break;
    }
}

// At every step a write fails, once: this process writes no more and reads on; the next one finds all.
TEST(Fold, AFailedWriteAtAnyStepEndsAllWritingAndLosesNothing) {
    for (std::uint64_t step = 0;; ++step) {
        TestStore store(step + 1);
        store.expect_open();
        const auto held = store.make(3);
        store.hold(held);
        const auto fresh = store.make(3);
        store.enqueue(fresh);
        const auto failing_at = store.files.steps() + step;
        store.files.fail_at(failing_at, {.os_error = EIO, .lasts = io::Fault::Lasts::once});
        const auto folded = store->fold(today);
        if (store.files.steps() <= failing_at) {
            EXPECT_TRUE(folded.has_value());
            break;
        }
        if (!folded) {
            EXPECT_TRUE(store->failing()) << step;
            const auto steps = store.files.steps();
            EXPECT_EQ(store.try_enqueue(store.make(1))[0].error().code, Errc::store_failing);
            EXPECT_EQ(store->fold(today).error().code, Errc::store_failing);
            EXPECT_EQ(store->drop_dead({.floor = {first_day + 9}}).error().code, Errc::store_failing);
            EXPECT_EQ(store.files.steps(), steps) << "nothing more was written, " << step;
        }
        store.expect_readable(fresh, std::to_string(step));
        store.power_cut();
        store.expect_readable(held, std::to_string(step));
        store.expect_readable(fresh, std::to_string(step));
    }
}

}  // namespace
}  // namespace wcmp::store::test
