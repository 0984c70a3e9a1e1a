// What the bytes of a journal file hold, at once and in steps.
#include "core/limits.h"
#include "io/memory.h"
#include "written_journal.h"

#include <gtest/gtest.h>

namespace wcmp::store::test {
namespace {

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
        auto file = files.root()->create("journal-0");
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

}  // namespace
}  // namespace wcmp::store::test
