// One file of the journal, byte for byte, and at every step of its writing.
#include "store/journal_file.h"

#include "core/limits.h"
#include "io/memory.h"
#include "store/journal_layout.h"
#include "unit/bundle/sample.h"
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

// The start of a journal file with these messages, made by hand.
Bytes journal_of(const JournalTurn& turn, const std::vector<Sample>& messages) {
    Bytes bytes;
    Writer writer(bytes);
    writer.bytes(journal_magic);
    writer.bytes(turn);
    for (const auto& message : messages) write_record(writer, turn, message.bytes);
    return bytes;
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

TEST(JournalScan, StopsAtTheFirstRecordThatDoesNotVerify) {
    SeededRandom random(1);
    const auto messages = bundle::test::sample_messages(random, 3, 20010, 3, 256);
    const JournalTurn turn{1, 2, 3};
    const auto whole = journal_of(turn, messages);
    ASSERT_EQ(scan_journal(whole).records.size(), 3U);
    const auto second = journal_header_bytes + record_bytes(messages[0].bytes.size());
    const auto second_end = second + record_header_bytes + messages[1].bytes.size();
    for (std::size_t i = 0; i < second_end; ++i) {
        auto bytes = whole;
        bytes[i] ^= 0x10;
        const auto scan = scan_journal(bytes);
        EXPECT_EQ(scan.records.size(), i < second ? 0U : 1U) << i;
        EXPECT_TRUE(scan.torn()) << "what follows is never built upon, " << i;
        EXPECT_EQ(scan.turn.has_value(), i >= journal_magic.size()) << i;
    }
}

TEST(JournalScan, ARecordThatIsCutAnywhereIsNone) {
    SeededRandom random(2);
    const auto messages = bundle::test::sample_messages(random, 2, 20010, 1, 256);
    const auto whole = journal_of({9}, messages);
    const auto second = journal_header_bytes + record_bytes(messages[0].bytes.size());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto scan = scan_journal(ByteView(whole).first(size));
        EXPECT_EQ(scan.records.size(), size < second ? 0U : 1U) << size;
    }
}

// The bytes of an earlier turn that were not overwritten yet, behind a shorter record of this one.
TEST(JournalScan, ARecordOfAnEarlierTurnNeverVerifies) {
    SeededRandom random(3);
    const auto messages = bundle::test::sample_messages(random, 3, 20010, 1, 256);
    auto bytes = journal_of({1}, messages);
    const auto later = journal_of({2}, {messages[2]});
    std::ranges::copy(later, bytes.begin());
    const auto scan = scan_journal(bytes);
    ASSERT_EQ(scan.records.size(), 1U);
    EXPECT_EQ(scan.records[0].key, messages[2].key);
    EXPECT_EQ(scan.used_bytes, later.size());
    EXPECT_TRUE(scan.torn());
}

TEST(JournalScan, LengthsOutsideTheLimitsAreNoRecords) {
    for (const std::uint32_t length :
         {std::uint32_t{0}, std::uint32_t{38},
          static_cast<std::uint32_t>(limits::journal_message_bytes_max + 1), ~std::uint32_t{0}}) {
        Bytes bytes = journal_of({4}, {});
        const auto at = bytes.size();
        bytes.resize(limits::journal_file_bytes);
        put_number(MutableBytes(bytes).subspan(at, 4), length);
        if (length < limits::journal_file_bytes) {
            const auto message = ByteView(bytes).subspan(at + record_header_bytes, length);
            const auto sum = record_checksum({4}, message);
            put_number(MutableBytes(bytes).subspan(at + 4, 4), sum);
        }
        EXPECT_TRUE(scan_journal(bytes).records.empty()) << length;
    }
}

// Read in steps, a file says what all of its bytes at once say: wherever its records end, and whatever a
// crash left behind them.
TEST(JournalScan, InStepsItIsTheSame) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SeededRandom random(seed);
        const std::array lengths{std::size_t{300}, std::size_t{70'000}, limits::journal_message_bytes_max};
        const auto length = lengths[random.next() % lengths.size()];
        const auto room = (limits::journal_file_bytes - journal_header_bytes) / record_bytes(length);
        const auto count = random.next() % (std::min<std::size_t>(room, 60) + 1);
        Bytes bytes = journal_of({7}, bundle::test::sample_messages(random, count, 20010, 3, length));
        const auto used = bytes.size();
        bytes.resize(limits::journal_file_bytes);
        const bool torn = random.next() % 2 == 0;
        if (torn) bytes[used + random.next() % (bytes.size() - used)] = 1;

        io::MemoryFileSystem files;
        auto file = files.root()->create(journal_name);
        ASSERT_TRUE((*file)->write_at(0, bytes).has_value());
        const auto in_steps = scan_journal(**file);
        ASSERT_TRUE(in_steps.has_value());
        EXPECT_EQ(in_steps->used_bytes, used) << seed;
        EXPECT_EQ(in_steps->records.size(), count) << seed;
        EXPECT_EQ(in_steps->torn(), torn) << seed;
        const auto at_once = scan_journal(bytes);
        EXPECT_EQ(in_steps->dirty_bytes, at_once.dirty_bytes) << seed;
        EXPECT_EQ(in_steps->turn, at_once.turn);
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
