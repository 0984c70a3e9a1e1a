#include "bundle/selection.h"

#include "sample.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

// Some bundles with common messages, all indexes verified, and the files behind them.
struct SelectionTest : testing::Test {
    SeededRandom random{21};
    std::vector<Sample> pool = sample_messages(random, 400, 10, 4, 3000);
    std::vector<std::shared_ptr<FileContents>> files;
    std::vector<SelectedEntries> selection;
    const Piece everything{.first = {}, .last = {{~std::uint32_t{0}}, {}}, .messages = 400};

    void add_bundle(const std::vector<Sample>& messages) {
        files.push_back(std::make_shared<FileContents>());
        files.back()->bytes = sample_bundle(messages);
        const auto reader = open_shared(files.back());
        IndexStream stream(reader, 1 << 16);
        while (stream.next().value()) {
        }
        selection.emplace_back(reader).digests = stream.digests();
    }

    void add_random_bundles(int count) {
        for (int i = 0; i < count; ++i) {
            std::vector<Sample> part;
            for (const auto& sample : pool)
                if (random.next() % 3 != 0) part.push_back(sample);
            add_bundle(part);
        }
    }

    void select_all() {
        for (auto& selected : selection)
            for (std::uint32_t i = 0; i < selected.reader()->header().messages; ++i) selected.select(i);
    }

    const Sample& sample_of(const MessageKey& key) const {
        return *std::ranges::lower_bound(pool, key, {}, &Sample::key);
    }

    // Fetches every item; how many came, each checked against the pool. Errors by code.
    std::map<Errc, std::size_t> fetch_all(const PieceItems& items, std::size_t buffer_bytes) {
        std::map<Errc, std::size_t> errors;
        const auto source = copy_source(selection, items, buffer_bytes);
        for (std::size_t i = 0; i < items.items.size(); ++i) {
            const auto message = source->fetch(i, items.items[i]);
            if (message)
                EXPECT_TRUE(std::ranges::equal(message->bytes, sample_of(items.items[i].key).bytes));
            else
                ++errors[message.error().code];
        }
        return errors;
    }

    std::uint64_t bytes_read() const {
        std::uint64_t sum = 0;
        for (const auto& file : files) sum += file->bytes_read;
        return sum;
    }

    void forget_reads() {
        for (const auto& file : files) file->reads = file->bytes_read = file->largest_read = 0;
    }
};

TEST_F(SelectionTest, IsASetOfPositions) {
    add_bundle(pool);
    auto& selected = selection[0];
    EXPECT_TRUE(selected.empty());
    EXPECT_EQ(selected.next(0), std::nullopt);
    std::set<std::uint32_t> oracle;
    for (int i = 0; i < 60; ++i) {
        const auto position = static_cast<std::uint32_t>(random.next() % 400);
        oracle.insert(position);
        selected.select(position);
        selected.select(position);
        EXPECT_EQ(selected.count(), oracle.size());
    }
    for (std::uint32_t from = 0; from < 500; ++from) {
        const auto next = oracle.lower_bound(from);
        const auto expected = next == oracle.end() ? std::nullopt : std::optional(*next);
        EXPECT_EQ(selected.next(from), expected);
    }
    EXPECT_EQ(SelectedEntries().next(0), std::nullopt);
}

TEST_F(SelectionTest, GathersThePieceOfEverySource) {
    add_random_bundles(4);
    select_all();
    for (int round = 0; round < 40; ++round) {
        auto first = random.next() % pool.size();
        auto last = random.next() % pool.size();
        if (last < first) std::swap(first, last);
        const Piece piece{.first = pool[first].key, .last = pool[last].key, .messages = 1};
        std::map<MessageKey, std::vector<std::uint32_t>> expected;
        for (std::uint32_t source = 0; source < selection.size(); ++source)
            for (auto i = first; i <= last; ++i)
                if (selection[source].reader()->find(pool[i].key)) expected[pool[i].key].push_back(source);
        const auto gathered = gather(selection, piece).value();
        ASSERT_EQ(gathered.items.size(), expected.size());
        std::size_t i = 0;
        for (const auto& [key, sources] : expected) {
            EXPECT_EQ(gathered.items[i].key, key);
            ASSERT_EQ(gathered.first_copy[i + 1] - gathered.first_copy[i], sources.size());
            for (std::size_t c = 0; c < sources.size(); ++c)
                EXPECT_EQ(gathered.copies[gathered.first_copy[i] + c].source, sources[c]);
            ++i;
        }
    }
}

TEST_F(SelectionTest, GathersOnlyWhatIsSelected) {
    add_bundle(pool);
    selection[0].select(7);
    selection[0].select(300);
    const auto gathered = gather(selection, everything).value();
    ASSERT_EQ(gathered.items.size(), 2u);
    EXPECT_EQ(gathered.items[0].key, pool[7].key);
    EXPECT_EQ(gathered.items[1].key, pool[300].key);
    selection[0] = SelectedEntries();
    EXPECT_TRUE(gather(selection, everything).value().items.empty());
}

TEST_F(SelectionTest, AnIndexThatChangedIsNotGathered) {
    add_bundle(pool);
    select_all();
    files[0]->bytes[selection[0].reader()->header().index_offset() + 40 * 100] ^= 1;
    EXPECT_EQ(gather(selection, everything).error().code, Errc::bundle);
}

TEST_F(SelectionTest, EveryMessageIsFetchedWithAnyBuffer) {
    add_random_bundles(3);
    select_all();
    const auto items = gather(selection, everything).value();
    for (const std::size_t buffer : {0, 1, 1000, 20000, 1 << 20, 1 << 24})
        EXPECT_TRUE(fetch_all(items, buffer).empty());
}

TEST_F(SelectionTest, ReadsEachByteOnceInLargeSteps) {
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    forget_reads();
    EXPECT_TRUE(fetch_all(items, 1 << 20).empty());
    const auto& header = selection[0].reader()->header();
    const auto message_bytes = header.file_bytes - header.messages_offset;
    EXPECT_EQ(bytes_read(), message_bytes);
    EXPECT_LE(files[0]->reads, message_bytes / (limits::drive_read_bytes - 3000) + 1);
    EXPECT_LE(files[0]->largest_read, limits::drive_read_bytes);
}

TEST_F(SelectionTest, CopiesThatAreNotNeededAreNotRead) {
    add_bundle(pool);
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    forget_reads();
    EXPECT_TRUE(fetch_all(items, 1 << 20).empty());
    EXPECT_EQ(files[1]->reads, 0u);
}

TEST_F(SelectionTest, DoesNotReadAcrossLongGaps) {
    std::vector<Sample> large;
    for (int i = 0; i < 6; ++i) large.push_back(sample_message(random, 5, 40000));
    std::ranges::sort(large);
    pool = large;
    add_bundle(large);
    selection[0].select(0);
    selection[0].select(5);
    const auto items = gather(selection, everything).value();
    forget_reads();
    EXPECT_TRUE(fetch_all(items, 1 << 20).empty());
    EXPECT_EQ(bytes_read(), 80000u);
}

TEST_F(SelectionTest, TheBufferIsSharedAmongTheSources) {
    add_random_bundles(4);
    select_all();
    const auto items = gather(selection, everything).value();
    forget_reads();
    EXPECT_TRUE(fetch_all(items, 40000).empty());
    for (const auto& file : files) EXPECT_LE(file->largest_read, 10000u);
}

TEST_F(SelectionTest, ABadCopyIsReplacedByAnother) {
    add_bundle(pool);
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    const auto start = selection[0].reader()->header().messages_offset;
    for (std::size_t at = start; at < files[0]->bytes.size(); at += 5000) files[0]->bytes[at] ^= 1;
    EXPECT_TRUE(fetch_all(items, 1 << 20).empty());
}

TEST_F(SelectionTest, AMessageBadInAllCopiesHasThatError) {
    add_bundle(pool);
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    for (const auto& file : files) file->bytes.back() ^= 1;
    EXPECT_EQ(fetch_all(items, 1 << 20), (std::map<Errc, std::size_t>{{Errc::wrong_hash, 1}}));
}

TEST_F(SelectionTest, AnUnreadableCopyIsReplacedByAnother) {
    add_bundle(pool);
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    files[0]->bad_byte = files[0]->bytes.size() / 2;
    EXPECT_TRUE(fetch_all(items, 1 << 20).empty());
}

// One bad sector costs one message, not what was to be read ahead with it; and the medium's error is told,
// though another copy is merely bad.
TEST_F(SelectionTest, AnUnreadableMessageCostsOnlyItself) {
    add_bundle(pool);
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    files[0]->bad_byte = files[0]->bytes.size() - 1;
    files[1]->bytes.back() ^= 1;
    EXPECT_EQ(fetch_all(items, 1 << 20), (std::map<Errc, std::size_t>{{Errc::io, 1}}));
}

TEST_F(SelectionTest, AFileThatShrankIsABadCopy) {
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    files[0]->bytes.pop_back();
    EXPECT_EQ(fetch_all(items, 1 << 20), (std::map<Errc, std::size_t>{{Errc::bundle, 1}}));
}

// Who claims another length is not asked: the file that is being written has no room for it.
TEST_F(SelectionTest, CopiesOfAnotherLengthAreNotFetched) {
    Sample liar = pool[0];
    liar.bytes.push_back(0);
    add_bundle({pool[0]});
    add_bundle({liar});
    select_all();
    const auto items = gather(selection, everything).value();
    ASSERT_EQ(items.items.size(), 1u);
    EXPECT_EQ(items.items[0].length, pool[0].bytes.size());
    EXPECT_EQ(items.copies.size(), 2u);
    EXPECT_TRUE(fetch_all(items, 1 << 20).empty());
    files[0]->bytes.back() ^= 1;
    forget_reads();
    EXPECT_EQ(fetch_all(items, 1 << 20), (std::map<Errc, std::size_t>{{Errc::wrong_hash, 1}}));
    EXPECT_EQ(files[1]->reads, 0u);
    Item longer = items.items[0];
    ++longer.length;
    EXPECT_EQ(copy_source(selection, items, 1000)->fetch(0, longer).error().code, Errc::wrong_hash);
}

TEST_F(SelectionTest, ItemsMayBeAskedForAgain) {
    add_random_bundles(3);
    select_all();
    const auto items = gather(selection, everything).value();
    const auto source = copy_source(selection, items, 50000);
    for (int pass = 0; pass < 2; ++pass)
        for (std::size_t i = 0; i < items.items.size(); ++i)
            EXPECT_TRUE(source->fetch(i, items.items[i])) << "pass " << pass;
}

TEST_F(SelectionTest, OnlyItsOwnItemsAreAnswered) {
    add_bundle(pool);
    select_all();
    const auto items = gather(selection, everything).value();
    const auto source = copy_source(selection, items, 50000);
    EXPECT_EQ(source->fetch(400, items.items[0]).error().code, Errc::invalid);
    EXPECT_EQ(source->fetch(1, items.items[0]).error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::bundle::test
