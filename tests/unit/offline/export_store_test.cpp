#include "offline/export_store.h"

#include "bundle/name.h"
#include "resting.h"

namespace wcmp::offline::test {
namespace {

using sync::test::put_bundle;

std::set<std::string> names_in(io::MemoryFileSystem& files) {
    std::set<std::string> names;
    EXPECT_TRUE(files.root()->list([&](std::string_view name) { names.emplace(name); }).has_value());
    return names;
}

TEST(ExportStore, GivesAllThereIsAndOnlyBundles) {
    Resting resting;
    const auto held = together(resting.hold_small(5), resting.enqueue(4));
    resting.store.close();
    const auto names = resting.store.file_names();
    const auto steps = resting.store.files.steps();
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->visit.exported, held.size());
    EXPECT_EQ(result->journal_messages, 4U);
    EXPECT_TRUE(result->is_store_whole());
    EXPECT_EQ(resting.given(), store::test::keys_of(held));
    for (const auto& name : names_in(resting.out)) EXPECT_TRUE(bundle::parse_name(name)) << name;
    EXPECT_EQ(resting.store.files.steps(), steps) << "the store is only read";
    EXPECT_EQ(resting.store.file_names(), names);
}

TEST(ExportStore, ASecondTimeNothingIsWritten) {
    Resting resting;
    const auto held = together(resting.hold_small(3), resting.enqueue(4));
    ASSERT_TRUE(resting.give().has_value());
    const auto steps = resting.out.steps();
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->visit.exported, 0U);
    EXPECT_EQ(result->visit.known, held.size());
    EXPECT_EQ(resting.out.steps(), steps);
}

TEST(ExportStore, UnitesWithWhatTheFolderHoldsAndTakesNothingFromIt) {
    Resting resting;
    const auto held = together(resting.hold_small(3), resting.enqueue(4));
    const auto others = resting.store.make(7);
    put_bundle(*resting.out.root(), together(others, {held.front(), held.back()}));
    const auto steps = resting.store.files.steps();
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->visit.known, 2U);
    EXPECT_EQ(result->visit.exported, held.size() - 2);
    EXPECT_EQ(result->visit.imported, 0U);
    EXPECT_EQ(resting.given(), store::test::keys_of(together(held, others)));
    EXPECT_EQ(resting.store.files.steps(), steps);
}

TEST(ExportStore, WhatIsInTheJournalAndInABundleGoesOnce) {
    Resting resting;
    const auto some = resting.enqueue(3);
    resting.store.hold(some);
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->visit.exported, 3U);
    EXPECT_EQ(resting.given(), store::test::keys_of(some));
}

TEST(ExportStore, WhatIsDeadStays) {
    Resting resting;
    const auto held = resting.store.make(4);
    resting.store.hold(together(held, {resting.store.make_one(dead_day)}));
    resting.store.hold({resting.store.make_one(today.floor.number)});
    ASSERT_TRUE(resting.give().has_value());
    EXPECT_EQ(resting.given(), store::test::keys_of(held));
    EXPECT_TRUE(resting.exported.is_store_whole());
}

TEST(ExportStore, AnEmptyStoreGivesNothing) {
    Resting resting;
    ASSERT_TRUE(resting.give().has_value());
    EXPECT_TRUE(resting.given().empty());
    EXPECT_EQ(resting.out.steps(), 0U);
}

TEST(ExportStore, WhatIsNoStoreIsSaid) {
    Resting resting;
    ExportResult result;
    const auto done =
        export_store(*resting.out.root(), *resting.store.files.root(), {.build_day = today.floor},
                     resting.store.clock, resting.store.random, result);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::not_found);
}

TEST(ExportStore, AFolderThatFillsUpGetsAPartAndLaterTheRest) {
    Resting resting;
    std::vector<Sample> held;
    for (int i = 0; i < 40; ++i) held.push_back(resting.store.make_one(first_day, 100'000));
    std::ranges::sort(held);
    resting.store.hold(held);
    resting.out.set_capacity(3 << 20);
    ASSERT_TRUE(resting.give().has_value());
    ASSERT_TRUE(resting.exported.visit.export_error.has_value());
    EXPECT_EQ(resting.exported.visit.export_error->code, Errc::no_space);
    EXPECT_GT(resting.exported.visit.exported, 0U);
    EXPECT_EQ(resting.exported.visit.exported + resting.exported.visit.not_exported, held.size());
    EXPECT_EQ(resting.given().size(), resting.exported.visit.exported);
    resting.out.set_capacity(std::uint64_t{1} << 30);
    ASSERT_TRUE(resting.give().has_value());
    EXPECT_EQ(resting.exported.visit.export_error, std::nullopt);
    EXPECT_EQ(resting.given(), store::test::keys_of(held));
}

// With a damaged bundle in it, of which a visit would rescue something into the store.
TEST(ExportStore, AFolderThatCannotBeWrittenIsSaid) {
    Resting resting;
    resting.hold_small(2);
    auto bytes = bundle::test::sample_bundle(resting.store.make(3));
    const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    bytes[33] ^= 1;
    sync::test::put_file(*resting.out.root(), name, bytes);
    resting.out.set_read_only(true);
    const auto steps = resting.store.files.steps();
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    ASSERT_TRUE(result->visit.export_error.has_value());
    EXPECT_EQ(result->visit.export_error->code, Errc::read_only);
    EXPECT_EQ(result->visit.exported, 0U);
    EXPECT_EQ(resting.store.files.steps(), steps);
    EXPECT_EQ(names_in(resting.out), std::set{name});
}

TEST(ExportStore, DamagedBundlesOfTheStoreAreLeftOutAndCounted) {
    Resting resting;
    auto damaged = resting.store.make(6);
    const auto name = bundle::to_string(resting.store.hold(damaged));
    const auto others = resting.hold_small(2);
    resting.store.close();
    const auto good = resting.store.contents(name);
    const auto entry = bundle::test::open_bytes(good)->header().index_offset() + 3;
    for (const std::size_t place : {std::size_t{33}, static_cast<std::size_t>(entry)}) {
        auto bytes = good;
        bytes[place] ^= 1;
        resting.store.put(name, bytes);
        resting.out.power_cut();
        const auto result = resting.give();
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->damaged, 1U) << place;
        EXPECT_FALSE(result->is_store_whole());
        EXPECT_EQ(resting.given(), store::test::keys_of(others)) << place;
        EXPECT_EQ(resting.store.contents(name), bytes) << "left as it is";
    }
}

TEST(ExportStore, ABadMessageIsLeftOutAndCounted) {
    Resting resting;
    auto held = resting.store.make(6);
    const auto name = bundle::to_string(resting.store.hold(held));
    resting.store.close();
    auto bytes = resting.store.contents(name);
    bytes[store::test::place_in_bundle(held, held[4]) + 60] ^= 1;
    resting.store.put(name, bytes);
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->bad_messages(), 1U);
    EXPECT_FALSE(result->is_store_whole());
    held.erase(held.begin() + 4);
    EXPECT_EQ(resting.given(), store::test::keys_of(held));
}

TEST(ExportStore, AMessageThatTheDiskDoesNotGiveIsLeftOutAndCounted) {
    Resting resting;
    auto held = resting.store.make(6, 9000);
    const auto name = bundle::to_string(resting.store.hold(held));
    resting.store.disk.spoil(name, store::test::place_in_bundle(held, held[4]) + 4000, 1);
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->bad_messages(), 1U);
    held.erase(held.begin() + 4);
    EXPECT_EQ(resting.given(), store::test::keys_of(held));
}

TEST(ExportStore, AJournalThatIsNotGivenWholeIsSaid) {
    Resting resting;
    const auto held = resting.enqueue(8);
    resting.store.disk.spoil("journal-0", 2000, 1);
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->unreadable_journals, 1U);
    EXPECT_FALSE(result->is_store_whole());
    EXPECT_LT(result->visit.exported, held.size());
    EXPECT_EQ(resting.given().size(), result->visit.exported);
}

// More days than a bundle may have.
TEST(ExportStore, AJournalOfVeryManyDaysBecomesSeveralBundles) {
    Resting resting;
    std::vector<Sample> held;
    for (std::uint32_t i = 0; i < 4200; ++i) held.push_back(resting.store.make_one(first_day + i, 256));
    resting.store.enqueue(held);
    ASSERT_TRUE(resting.give().has_value());
    EXPECT_GE(names_in(resting.out).size(), 2U);
    EXPECT_EQ(resting.given(), store::test::keys_of(held));
}

// The next export finishes what the folder's errors and power cuts left, and nothing false is in it.
TEST(ExportStore, EveryErrorOfTheFolderAtEveryStep) {
    for (const auto& [fault, stride] : faults) {
        for (std::uint64_t step = 0;; step += stride) {
            Resting resting(300 + step);
            const auto held = together(resting.hold_small(2), resting.enqueue(3));
            const auto others = resting.store.make(3);
            put_bundle(*resting.out.root(), others);
            const auto all = store::test::keys_of(together(held, others));
            const auto last = resting.out.steps() + step;
            resting.out.fail_at(last, fault);
            std::ignore = resting.give();
            const bool reached = resting.out.steps() > last;
            EXPECT_EQ(!resting.exported.visit.export_error, !reached) << step;
            resting.out.power_cut();
            EXPECT_TRUE(std::ranges::includes(resting.given(), store::test::keys_of(others))) << step;
            EXPECT_TRUE(std::ranges::includes(all, resting.given())) << step;
            const auto again = resting.give();
            ASSERT_TRUE(again.has_value()) << step << describe(again.error());
            EXPECT_EQ(resting.given(), all) << step;
            if (!reached) break;
        }
    }
}

// One bad sector in an index hides no other bundle.
TEST(ExportStore, AnIndexThatTheDiskDoesNotGiveIsLeftOutAndCounted) {
    Resting resting;
    const auto worn = resting.store.make(400);
    const auto name = bundle::to_string(resting.store.hold(worn));
    const auto others = resting.hold_small(2);
    resting.store.disk.spoil(name, 10'000, 1);
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->damaged, 1U);
    EXPECT_FALSE(result->is_store_whole());
    EXPECT_EQ(resting.given(), store::test::keys_of(others));
}

// The folder is not to blame.
TEST(ExportStore, ADiskOfTheStoreThatGivesNothingMoreIsNamed) {
    Resting resting;
    const auto held = resting.store.make(200, 2000);
    const auto name = bundle::to_string(resting.store.hold(held));
    const auto messages = store::test::place_in_bundle(held, held.front());
    resting.store.disk.spoil(name, messages, std::uint64_t{200} * 2000);
    const auto result = resting.give();
    ASSERT_TRUE(result.has_value());
    ASSERT_TRUE(result->visit.export_error.has_value());
    EXPECT_TRUE(result->visit.is_of_store);
    EXPECT_EQ(result->visit.export_error->code, Errc::io);
    EXPECT_TRUE(resting.given().empty());
}

// The journals are long: of their readings those about their records, and a few of the others.
bool is_tried(std::uint64_t read, std::uint64_t reads) {
    constexpr auto of_journal = limits::journal_file_bytes / 4096;
    return read < 14 || (read > of_journal && read < of_journal + 20) || read + 40 > reads || read % 127 == 0;
}

TEST(ExportStore, EveryFailingReadingOfTheStoreInventsNothing) {
    std::uint64_t reads = 0;
    for (std::uint64_t read = 0; read <= reads; ++read) {
        if (!is_tried(read, reads)) continue;
        Resting resting(500);
        const auto held = together(resting.hold_small(2), resting.enqueue(3));
        resting.store.close();
        const auto before = resting.store.files.reads();
        resting.store.files.fail_read_at(before + read);
        const auto result = resting.give();
        reads = std::max(reads, resting.store.files.reads() - before);
        resting.store.files.clear_faults();
        const auto given = resting.given();
        EXPECT_TRUE(std::ranges::includes(store::test::keys_of(held), given)) << read;
        if (result && result->is_store_whole() && !result->visit.export_error) {
            EXPECT_EQ(given, store::test::keys_of(held)) << read;
        }
        if (result && result->visit.export_error) {
            EXPECT_TRUE(result->visit.is_of_store) << read;
        }
    }
}

TEST(ExportStore, AStopAtAnyMomentLeavesSoundBundles) {
    for (int moment = 0;; ++moment) {
        Resting resting(8);
        const auto held = together(resting.hold_small(2), resting.enqueue(3));
        int calls = 0;
        resting.on_progress = [&](const sync::Progress&) {
            if (calls++ == moment) resting.stop.request_stop();
        };
        const auto result = resting.give();
        if (calls <= moment) break;
        if (!result) {
            EXPECT_EQ(result.error().code, Errc::cancelled);
        }
        resting.on_progress = nullptr;
        resting.stop = {};
        ASSERT_TRUE(resting.give().has_value());
        EXPECT_EQ(resting.given(), store::test::keys_of(held)) << moment;
    }
}

}  // namespace
}  // namespace wcmp::offline::test
