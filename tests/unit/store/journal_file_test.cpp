// One file of the journal, byte for byte, and at every step of its writing.
#include "store/journal_file.h"

#include "core/limits.h"
#include "io/memory.h"
#include "store/journal_layout.h"
#include "unit/bundle/sample.h"
#include "unit/bundle/watched_directory.h"
#include "worn_disk.h"

#include <cstring>

#include <gtest/gtest.h>

namespace wcmp::store::test {
namespace {

using bundle::test::Sample;

constexpr std::string_view journal_name = "journal-0";

struct TestJournal {
    explicit TestJournal(std::uint64_t seed = 1) : files(seed), random(seed) {}

    Result<JournalFile> open() { return JournalFile::open(*files.root(), journal_name, random); }
    std::vector<Sample> make(std::size_t count, std::size_t length = 301) {
        return bundle::test::sample_messages(random, count, 20010, 3, length);
    }
    static Result<void> append(JournalFile& journal, const std::vector<Sample>& messages) {
        std::vector<ByteView> bytes;
        std::vector<MessageKey> keys;
        for (const auto& message : messages) {
            bytes.emplace_back(message.bytes);
            keys.push_back(message.key);
        }
        return journal.append(bytes, keys);
    }
    Bytes contents() {
        const auto file = files.root()->open(journal_name);
        Bytes bytes((*file)->status()->size);
        EXPECT_TRUE(io::read_exactly(**file, 0, bytes).has_value());
        return bytes;
    }

    io::MemoryFileSystem files;
    SeededRandom random;
};

void expect_records(const JournalFile& journal, const std::vector<Sample>& messages) {
    ASSERT_EQ(journal.records().size(), messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        EXPECT_EQ(journal.records()[i].key, messages[i].key);
        EXPECT_EQ(journal.read(journal.records()[i]).value(), messages[i].bytes);
    }
}

// In one call, not byte by byte: it is asked of megabytes, under sanitizers.
bool is_zero(ByteView bytes) {
    static const Bytes zeros(limits::journal_file_bytes);
    return std::memcmp(bytes.data(), zeros.data(), bytes.size()) == 0;
}

TEST(JournalFile, IsMadeOfZerosThatAreThereBeforeTheFirstRecord) {
    TestJournal test;
    ASSERT_TRUE(test.open().has_value());
    test.files.power_cut();
    EXPECT_EQ(test.contents(), Bytes(limits::journal_file_bytes));
    auto journal = test.open();
    ASSERT_TRUE(journal.has_value());
    EXPECT_TRUE(journal->records().empty());
    EXPECT_FALSE(journal->torn());
}

TEST(JournalFile, ItsMakingMayBeCutOffAtAnyStep) {
    for (std::uint64_t step = 0; step < 24; ++step) {
        TestJournal test(step + 1);
        test.files.fail_at(step, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
        std::ignore = test.open();
        test.files.power_cut();
        auto journal = test.open();
        ASSERT_TRUE(journal.has_value()) << step;
        EXPECT_EQ(test.contents().size(), limits::journal_file_bytes) << step;
        EXPECT_FALSE(journal->torn()) << step;
        EXPECT_TRUE(TestJournal::append(*journal, test.make(1)).has_value()) << step;
    }
}

TEST(JournalFile, WhatWasAppendedIsThereAfterAPowerCut) {
    TestJournal test;
    auto journal = test.open();
    const auto messages = test.make(5);
    ASSERT_TRUE(TestJournal::append(*journal, {messages[0], messages[1]}).has_value());
    ASSERT_TRUE(TestJournal::append(*journal, {messages.begin() + 2, messages.end()}).has_value());
    expect_records(*journal, messages);
    EXPECT_EQ(journal->used_bytes() % 8, 0U);
    test.files.power_cut();
    journal = test.open();
    expect_records(*journal, messages);
    EXPECT_FALSE(journal->torn());
}

// What was acknowledged is there whole; of the rest as much as verifies; and a file that ends in the middle
// of something is never appended to.
TEST(JournalFile, APowerCutInAnAppendTearsItsTailOnly) {
    bool was_torn = false;
    for (std::uint64_t step = 0; step < 3; ++step) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            TestJournal test(seed * 10 + step);
            auto journal = test.open();
            const auto messages = test.make(3, 3000);
            ASSERT_TRUE(TestJournal::append(*journal, {messages[0]}).has_value());
            test.files.fail_at(test.files.steps() + step, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            EXPECT_FALSE(TestJournal::append(*journal, {messages[1], messages[2]}).has_value());
            test.files.power_cut();
            journal = test.open();
            ASSERT_TRUE(journal.has_value());
            ASSERT_GE(journal->records().size(), 1U);
            ASSERT_LE(journal->records().size(), 3U);
            expect_records(*journal, {messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(
                                                                               journal->records().size())});
            if (!journal->torn()) continue;
            was_torn = true;
            const auto before = test.contents();
            const auto refused = TestJournal::append(*journal, test.make(1));
            ASSERT_FALSE(refused.has_value());
            EXPECT_EQ(refused.error().code, Errc::no_space);
            EXPECT_EQ(refused.error().os_error, 0);
            EXPECT_EQ(test.contents(), before);
            ASSERT_TRUE(journal->clear().has_value());
            EXPECT_TRUE(TestJournal::append(*journal, test.make(1)).has_value());
        }
    }
    EXPECT_TRUE(was_torn);
}

TEST(JournalFile, AfterAFailedAppendItTakesNothingBeforeItIsCleared) {
    for (std::uint64_t step = 0; step < 3; ++step) {
        TestJournal test(step + 1);
        auto journal = test.open();
        const auto messages = test.make(2);
        ASSERT_TRUE(TestJournal::append(*journal, {messages[0]}).has_value());
        test.files.fail_at(test.files.steps() + step);
        EXPECT_EQ(TestJournal::append(*journal, {messages[1]}).error().os_error, EIO);
        EXPECT_TRUE(journal->torn());
        expect_records(*journal, {messages[0]});
        EXPECT_EQ(TestJournal::append(*journal, {messages[1]}).error().code, Errc::no_space);
    }
}

TEST(JournalFile, DrawsANewTurnEachTime) {
    TestJournal test;
    auto journal = test.open();
    std::vector<Bytes> turns;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(TestJournal::append(*journal, test.make(2)).has_value());
        const auto bytes = test.contents();
        turns.emplace_back(bytes.begin() + 8, bytes.begin() + 24);
        ASSERT_TRUE(journal->clear().has_value());
        EXPECT_TRUE(is_zero(test.contents())) << "nothing of a message stays";
        EXPECT_EQ(journal->used_bytes(), 0U);
    }
    EXPECT_NE(turns[0], turns[1]);
    EXPECT_NE(turns[1], turns[2]);
}

// A header that went first would leave messages that nothing ever overwrites.
TEST(JournalFile, TheHeaderGoesLastWhereverThePowerGoes) {
    bool cleared_in_part = false;
    for (std::uint64_t step = 0; step < 7; ++step) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            TestJournal test(seed * 10 + step);
            auto journal = test.open();
            const auto messages = test.make(8, 2000);
            ASSERT_TRUE(TestJournal::append(*journal, messages).has_value());
            test.files.fail_at(test.files.steps() + step, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            std::ignore = journal->clear();
            test.files.power_cut();
            const auto bytes = test.contents();
            const auto rest = ByteView(bytes).subspan(journal_header_bytes);
            cleared_in_part |= is_zero(rest) != is_zero(bytes);
            const bool no_header = is_zero(ByteView(bytes).first(journal_header_bytes));
            EXPECT_TRUE(!no_header || is_zero(rest)) << step << ' ' << seed;
            journal = test.open();
            ASSERT_TRUE(journal.has_value());
            ASSERT_TRUE(journal->clear().has_value());
            EXPECT_TRUE(is_zero(test.contents()));
        }
    }
    EXPECT_TRUE(cleared_in_part);
}

// The second record's sync is refused; then each step of vouching is the last one before the cut.
TEST(JournalFile, VouchingMakesDurableWhatWasInTheCacheOnly) {
    unsigned whole = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        for (std::uint64_t steps = 0; steps <= 3; ++steps) {
            TestJournal test(seed);
            const auto messages = test.make(2, 1500);
            {
                auto before = test.open();
                ASSERT_TRUE(TestJournal::append(*before, {messages[0]}).has_value());
                test.files.fail_at(test.files.steps() + 2);
                ASSERT_FALSE(TestJournal::append(*before, {messages[1]}).has_value());
                test.files.clear_faults();
            }
            auto journal = test.open();
            expect_records(*journal, messages);
            test.files.fail_at(test.files.steps() + steps, {.lasts = io::Fault::Lasts::all});
            const auto vouched = journal->vouch();
            EXPECT_EQ(vouched.has_value(), steps == 3) << "write, times, sync";
            EXPECT_EQ(journal->torn(), steps < 3);
            test.files.power_cut();
            journal = test.open();
            const auto records = journal->records().size();
            EXPECT_TRUE(records >= 1 && (steps < 3 || records == 2)) << seed << ' ' << steps;
            expect_records(*journal, {messages.begin(), messages.begin() + static_cast<long>(records)});
            whole += records == 2 ? 1 : 0;
        }
    }
    EXPECT_GT(whole, 20U);
}

TEST(JournalFile, AnEmptyFileNeedsNoVouching) {
    TestJournal test;
    auto journal = test.open();
    const auto steps = test.files.steps();
    ASSERT_TRUE(journal->vouch().has_value());
    EXPECT_EQ(test.files.steps(), steps);
}

TEST(JournalFile, TakesNoMoreThanItHolds) {
    TestJournal test;
    auto journal = test.open();
    const std::size_t length = 900'000;
    std::vector<Sample> held;
    for (int i = 0; i < 4; ++i) {
        held.push_back(bundle::test::sample_message(test.random, 20010, length));
        ASSERT_TRUE(TestJournal::append(*journal, {held.back()}).has_value());
    }
    const auto more = bundle::test::sample_message(test.random, 20010, length);
    EXPECT_FALSE(journal->fits(std::array{ByteView(more.bytes)}));
    EXPECT_EQ(TestJournal::append(*journal, {more}).error().code, Errc::no_space);
    const auto left = limits::journal_file_bytes - journal->used_bytes();
    const auto last = bundle::test::sample_message(test.random, 20010, left - record_header_bytes);
    held.push_back(last);
    ASSERT_TRUE(TestJournal::append(*journal, {last}).has_value()) << "to the last byte";
    EXPECT_EQ(journal->used_bytes(), limits::journal_file_bytes);
    test.files.power_cut();
    journal = test.open();
    expect_records(*journal, held);
}

// A power cut may keep the end of a first append and not its beginning.
TEST(JournalFile, WhatLiesBehindZerosIsFoundBeforeTheFirstAppend) {
    constexpr std::uint64_t places[] = {4095, 4096, 5000, limits::journal_file_bytes - 1};
    for (const auto place : places) {
        TestJournal test;
        std::ignore = test.open();
        ASSERT_TRUE((*test.files.root()->open_for_writing(journal_name))->write_at(place, Bytes{1}));
        {
            auto journal = test.open();
            ASSERT_TRUE(journal.has_value());
            EXPECT_EQ(TestJournal::append(*journal, test.make(1)).error().code, Errc::no_space) << place;
            EXPECT_TRUE(journal->torn()) << place;
            EXPECT_FALSE(is_zero(test.contents())) << place;
        }
        {
            auto journal = test.open();
            ASSERT_TRUE(journal->finish_opening().has_value()) << place;
            EXPECT_EQ(journal->torn(), place < 4096) << "what opening saw is for a fold, " << place;
        }
        test.files.power_cut();
        EXPECT_EQ(is_zero(test.contents()), place >= 4096) << place;
        auto journal = test.open();
        ASSERT_TRUE(journal->clear().has_value());
        EXPECT_TRUE(is_zero(test.contents())) << place;
        EXPECT_TRUE(TestJournal::append(*journal, test.make(1)).has_value()) << place;
    }
}

TEST(JournalFile, OfOneThatBeginsWithZerosOnlyTheBeginningIsReadAtOnce) {
    TestJournal test;
    std::ignore = test.open();
    WornDisk disk;
    const auto worn = disk.under(test.files.root());
    disk.spoil(std::string(journal_name), 4096, 1);
    auto journal = JournalFile::open(*worn, journal_name, test.random);
    ASSERT_TRUE(journal.has_value());
    EXPECT_EQ(TestJournal::append(*journal, test.make(1)).error().os_error, EIO);
    EXPECT_EQ(journal->clear().error().os_error, EIO);
    EXPECT_EQ(journal->finish_opening().error().os_error, EIO);
    EXPECT_TRUE(is_zero(test.contents()));
    disk.mend();
    EXPECT_TRUE(journal->finish_opening().has_value());
    const auto readings = disk.readings(std::string(journal_name));
    EXPECT_TRUE(journal->finish_opening().has_value());
    EXPECT_TRUE(TestJournal::append(*journal, test.make(1)).has_value());
    EXPECT_EQ(disk.readings(std::string(journal_name)), readings) << "once is enough";
}

// Its records were counted as none: what comes now would be written over them.
TEST(JournalFile, ThatGetsRecordsFromNowhereTakesNothing) {
    TestJournal test;
    const auto messages = test.make(1);
    {
        auto journal = test.open();
        ASSERT_TRUE(TestJournal::append(*journal, messages).has_value());
    }
    bundle::test::Watch watch;
    watch.after_read = [](const auto&, MutableBytes bytes) { std::ranges::fill(bytes, std::uint8_t{0}); };
    {
        const auto forgetful = bundle::test::watched(test.files.root(), watch);
        auto journal = JournalFile::open(*forgetful, journal_name, test.random);
        ASSERT_TRUE(journal.has_value());
        EXPECT_TRUE(journal->records().empty());
        watch.after_read = {};
        EXPECT_EQ(journal->finish_opening().error().code, Errc::io);
        EXPECT_FALSE(TestJournal::append(*journal, test.make(1)).has_value());
        EXPECT_FALSE(journal->clear().has_value());
    }
    expect_records(*test.open(), messages);
}

TEST(JournalFile, ForReadingItGivesWhatItHasAndTakesNothing) {
    TestJournal test;
    const auto messages = test.make(3, 9000);
    {
        auto journal = test.open();
        ASSERT_TRUE(TestJournal::append(*journal, messages).has_value());
    }
    test.files.set_read_only(true);
    auto journal = JournalFile::open_for_reading(*test.files.root(), journal_name);
    ASSERT_TRUE(journal.has_value());
    expect_records(*journal, messages);
    EXPECT_FALSE(journal->is_cut_off());
    EXPECT_FALSE(TestJournal::append(*journal, test.make(1)).has_value());
    EXPECT_EQ(journal->clear().error().code, Errc::read_only);
    const auto missing = JournalFile::open_for_reading(*test.files.root(), "journal-1");
    ASSERT_TRUE(missing.has_value());
    EXPECT_TRUE(missing->records().empty());

    WornDisk disk;
    disk.spoil(std::string(journal_name), journal->records()[2].offset + 100, 1);
    const auto worn = disk.under(test.files.root());
    journal = JournalFile::open_for_reading(*worn, journal_name);
    ASSERT_TRUE(journal.has_value());
    EXPECT_LT(journal->records().size(), 3U);
    EXPECT_GE(journal->records().size(), 1U);
    EXPECT_TRUE(journal->is_cut_off());
}

}  // namespace
}  // namespace wcmp::store::test
