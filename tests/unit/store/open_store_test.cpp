// A start: one owner, what a crash left put right, and a disk that fails is read as long as it can be.
#include "core/clock.h"
#include "core/limits.h"
#include "test_store.h"

namespace wcmp::store::test {
namespace {

TEST(OpenStore, HasOneOwner) {
    TestStore store;
    store.expect_open();
    SeededRandom random(1);
    ManualClock clock;
    OpenReport report;
    const auto second = Store::open(store.files.root(), {}, today, {clock, random}, report);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::busy);
    store.reopen();
}

TEST(OpenStore, PutsRightWhatACrashLeft) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(4);
    const auto name = bundle::to_string(store.hold(messages));
    const auto void_name = "20010-20012-" + std::string(32, 'b') + ".wcmp";
    store.put(void_name, Bytes(5000));
    store.put("state.new", Bytes(10));
    store.put(void_name + ".rec", Bytes(10));
    store.put("20010-20010-" + std::string(32, 'c') + ".wcmp", [&] {
        auto bytes = bundle::test::sample_bundle(messages);
        bytes[7] = '2';
        return bytes;
    }());
    store.reopen();
    EXPECT_EQ(store.report.void_files, 1U);
    EXPECT_EQ(store.report.unknown_format, 1U) << "of the future: left alone";
    EXPECT_EQ(store.report.damaged, 0U);
    EXPECT_EQ(store.file_names(".wcmp").size(), 2U);
    EXPECT_FALSE(store.file_names().contains("state.new"));
    EXPECT_TRUE(store.file_names(".rec").empty());
    EXPECT_TRUE(store.file_names().contains(name));
    EXPECT_TRUE(store.file_names().contains("CACHEDIR.TAG"));
    store.expect_readable(messages);
}

TEST(OpenStore, SalvagesDamagedBundles) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(4);
    const auto name = bundle::to_string(store.hold(messages));
    auto bytes = store.contents(name);
    bytes[limits::bundle_header_bytes + 1] ^= 1;  // a day of the table
    store.put(name, bytes);
    store.reopen();
    EXPECT_EQ(store.report.damaged, 1U);
    EXPECT_EQ(store.report.saved, 4U);
    EXPECT_EQ(store.report.lost, 0U);
    store.expect_readable(messages);
}

// A name alone says nothing: it is damage like any other.
TEST(OpenStore, ALiveBundleUnderTheNameOfADeadOneIsSaved) {
    for (const auto* const first : {"1-2-", "0-0-", "20000-20000-", "4000000000-4000000001-"}) {
        TestStore store;
        store.expect_open();
        const auto messages = store.make(4);
        store.close();
        store.put(first + std::string(32, 'd') + ".wcmp", bundle::test::sample_bundle(messages));
        store.expect_open();
        EXPECT_EQ(store.report.saved, 4U) << first;
        EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(messages)}) << first;
        store.expect_readable(messages, first);
    }
}

TEST(OpenStore, DeadBundlesGo) {
    TestStore store;
    store.expect_open();
    store.hold({store.make_one(19'999), store.make_one(today.floor.number)});
    const auto alive = store.make(2);
    store.hold(alive);
    store.reopen();
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(alive)});
    EXPECT_EQ(store.report.damaged, 0U);
    store.power_cut();
    EXPECT_EQ(store->snapshot()->messages, 2U);
}

TEST(OpenStore, FoldsBothJournalsBeforeTheFirstRecord) {
    TestStore store;
    store.expect_open();
    const auto first = store.make(3, 900'000);
    const auto second = store.make(3, 900'000);
    store.enqueue(first);
    store.enqueue(second);
    store.power_cut();
    EXPECT_EQ(store.report.folded, 6U);
    EXPECT_EQ(store->journal_messages(), 0U);
    for (const auto name : journal_names)
        EXPECT_EQ(store.contents(std::string(name)), Bytes(limits::journal_file_bytes)) << name;
    store.expect_readable(first);
    store.expect_readable(second);
}

// Everything there, nothing may be written: read-only by mount, or by the kernel after an error.
TEST(OpenStore, AReadOnlyDiskIsRead) {
    TestStore store;
    store.expect_open();
    const auto held = store.make(4);
    const auto waiting = store.make(3);
    store.hold(held);
    store.enqueue(waiting);
    auto state = store->state();
    state.high_water = Day{20'003};
    ASSERT_TRUE(store->change_state([&](State& now) { now = state; }).has_value());
    store.close();
    store.files.set_read_only(true);
    store.expect_open();
    EXPECT_TRUE(store->failing());
    ASSERT_TRUE(store.report.failing.has_value());
    EXPECT_EQ(store.report.failing->code, Errc::read_only);
    EXPECT_EQ(store->state(), state);
    store.expect_readable(held);
    store.expect_readable(waiting);
    EXPECT_EQ(store.try_enqueue(store.make(1))[0].error().code, Errc::store_failing);
    EXPECT_EQ(store->fold(today).error().code, Errc::store_failing);
    EXPECT_TRUE(store->sidecars().open(store->snapshot()->bundles[0]).has_value()) << "in memory";
    store.close();
    store.files.set_read_only(false);
    store.expect_open();
    EXPECT_FALSE(store->failing());
    store.expect_readable(waiting);
    store.enqueue(store.make(1));
}

TEST(OpenStore, AnEmptyReadOnlyDiskIsReadToo) {
    TestStore store;
    store.files.set_read_only(true);
    store.expect_open();
    EXPECT_TRUE(store->failing());
    EXPECT_EQ(store->snapshot()->messages, 0U);
}

// Whatever step of a start fails, for good: what was acknowledged is read. And the start after it, on a sound
// disk, has all.
TEST(OpenStore, AStartThatFailsAtAnyStepStillReads) {
    bool reached = true;
    for (std::uint64_t step = 0; reached; ++step) {
        TestStore store(step + 1);
        store.expect_open();
        const auto held = store.make(3);
        const auto waiting = store.make(3);
        store.hold(held);
        store.put("20010-20012-" + std::string(32, 'b') + ".wcmp", Bytes(5000));
        store.put("1-2-" + std::string(32, 'e') + ".wcmp", bundle::test::sample_bundle(store.make(2)));
        store.enqueue(waiting);
        store.close();
        const auto failing_at = store.files.steps() + step;
        store.files.fail_at(failing_at, {.os_error = EIO, .lasts = io::Fault::Lasts::writes});
        store.expect_open();
        reached = store.files.steps() > failing_at;
        EXPECT_EQ(store->failing(), reached) << step;
        EXPECT_EQ(store.report.failing.has_value(), reached) << step;
        store.expect_readable(held, std::to_string(step));
        store.expect_readable(waiting, std::to_string(step));
        const auto steps = store.files.steps();
        std::ignore = store.try_enqueue(store.make(1));
        EXPECT_EQ(store.files.steps() == steps, reached) << "it tried once, " << step;
        store.power_cut();
        EXPECT_FALSE(store->failing());
        store.expect_readable(held, std::to_string(step));
        store.expect_readable(waiting, std::to_string(step));
    }
}

// What could be read another time is not overwritten.
TEST(OpenStore, AJournalThatCannotBeReadWholeIsReadAndKept) {
    TestStore store;
    store.expect_open();
    const auto waiting = store.make(3, 9000);
    store.enqueue(waiting);
    const auto before = store.contents("journal-0");
    store.close();
    store.disk.spoil("journal-0", 20'000, 512);
    store.expect_open();
    EXPECT_TRUE(store->failing());
    EXPECT_GE(store.count_readable(waiting), 1U);
    EXPECT_EQ(store.contents("journal-0"), before);
    store.disk.mend();
    store.reopen();
    EXPECT_FALSE(store->failing());
    store.expect_readable(waiting);
}

TEST(OpenStore, AStateThatCannotBeReadIsNotReplaced) {
    TestStore store;
    store.expect_open();
    const auto state = store->state();
    store.close();
    store.disk.spoil("state", 0, 1);
    store.expect_open();
    EXPECT_TRUE(store->failing());
    store.disk.mend();
    store.reopen();
    EXPECT_FALSE(store->failing());
    EXPECT_EQ(store->state(), state);
}

TEST(OpenStore, ADiskThatIsFullKeepsWhatWaitsInTheJournal) {
    TestStore store;
    store.expect_open();
    const auto waiting = store.make(3);
    store.enqueue(waiting);
    store.close();
    const auto free = store.files.root()->space()->free_bytes;
    store.files.set_capacity((std::uint64_t{1} << 40) - free + 1000);
    store.expect_open();
    EXPECT_TRUE(store.report.disk_full);
    EXPECT_FALSE(store->failing());
    store.expect_readable(waiting);
    store.files.set_capacity(std::uint64_t{1} << 40);
    store.expect_fold();
    store.expect_readable(waiting);
}

// A refused sync leaves records in the cache alone, and the next process finds them there.
TEST(OpenStore, WhatStaysInTheJournalOnAFullDiskTakesNothingAwayThatComesBehindIt) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        TestStore store(seed);
        store.expect_open();
        const auto free = store.files.root()->space()->free_bytes;
        store.files.set_capacity((std::uint64_t{1} << 40) - free + limits::commit_reserve_bytes / 2);
        const auto held = store.make(3);
        store.enqueue({held[0]});
        EXPECT_EQ(store->fold(today).error().code, Errc::no_space);
        store.enqueue({held[1]});  // into the other file
        store.reopen();
        store.files.fail_at(store.files.steps() + 2);  // write, times, sync
        const auto refused = store.make_one(first_day, 2000);
        EXPECT_EQ(store.try_enqueue({refused})[0].error().code, Errc::io);
        store.files.clear_faults();
        store.reopen();
        store.expect_readable({refused}, "from the cache");
        store.enqueue({held[2]});
        store.power_cut();
        store.expect_readable(held, "seed " + std::to_string(seed));
    }
}

}  // namespace
}  // namespace wcmp::store::test
