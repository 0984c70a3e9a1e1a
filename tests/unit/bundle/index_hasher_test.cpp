// Hashes of indexes, computed in one go or beside whoever walks them.
#include "bundle/index_hasher.h"

#include "bundle/join.h"
#include "sample.h"

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

constexpr std::size_t block_bytes = IndexDigests::entries_per_block * limits::bundle_entry_bytes;

Bytes random_entries(SeededRandom& random, std::size_t count) {
    Bytes bytes(count * limits::bundle_entry_bytes);
    EXPECT_TRUE(random.fill(bytes).has_value());
    return bytes;
}

const std::vector<DayCount> some_days{{{7}, 3}, {{9}, 0x01020304}};

crypto::Hash256 expected_hash(ByteView entries) {
    const Bytes table{0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 9, 1, 2, 3, 4};
    crypto::Sha256 hash;
    hash.update(table);
    hash.update(entries);
    return hash.finish();
}

TEST(IndexHasher, HashesTheDayTableAndTheEntriesInWhateverSteps) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeededRandom random(seed);
        const auto entries = random_entries(random, 1 + random.next() % 5000);
        IndexHasher hasher(some_days);
        for (std::size_t at = 0; at < entries.size();) {
            const auto step = std::min(entries.size() - at, (1 + random.next() % 3000) * std::size_t{40});
            hasher.add(ByteView(entries).subspan(at, step));
            at += step;
        }
        EXPECT_EQ(hasher.finish(), expected_hash(entries));
        const auto& before = hasher.digests()->before;
        ASSERT_EQ(before.size(), (entries.size() + block_bytes - 1) / block_bytes);
        for (std::size_t block = 0; block < before.size(); ++block)
            EXPECT_EQ(before[block].peek(), expected_hash(ByteView(entries).first(block * block_bytes)));
    }
}

TEST(IndexHasher, AForkGoesItsOwnWay) {
    SeededRandom random(3);
    const auto entries = random_entries(random, 3000);
    const auto start = ByteView(entries).first(1500 * limits::bundle_entry_bytes);
    IndexHasher hasher(some_days);
    hasher.add(start);
    const auto fork = hasher.fork();
    fork->add(ByteView(entries).subspan(start.size()));
    EXPECT_EQ(fork->finish(), expected_hash(entries));
    EXPECT_EQ(fork->digests()->before.size(), 3U);
    EXPECT_EQ(hasher.finish(), expected_hash(start));
    EXPECT_EQ(hasher.digests()->before.size(), 2U);
}

// In turns, as a join asks; whoever comes first does it.
TEST(HashBehind, ComputesWhatWouldBeComputedHere) {
    SeededRandom random(4);
    constexpr std::size_t steps = 40;
    std::vector<Bytes> entries;
    std::vector<std::unique_ptr<IndexHasher>> hashers;
    for (std::size_t i = 0; i < 5; ++i) {
        entries.push_back(random_entries(random, steps * 100));
        hashers.push_back(std::make_unique<IndexHasher>(some_days));
    }
    HashBehind behind;
    for (std::size_t step = 0; step < steps; ++step)
        for (std::size_t i = 0; i < hashers.size(); ++i) {
            behind.settle(*hashers[i]);
            const auto step_bytes = entries[i].size() / steps;
            behind.add(*hashers[i], ByteView(entries[i]).subspan(step * step_bytes, step_bytes));
        }
    for (std::size_t i = 0; i < hashers.size(); ++i) {
        behind.settle(*hashers[i]);
        EXPECT_EQ(hashers[i]->finish(), expected_hash(entries[i]));
    }
}

TEST(HashBehind, NothingAddedIsSettledAtOnce) {
    HashBehind behind;
    IndexHasher hasher(some_days);
    behind.settle(hasher);
    EXPECT_EQ(hasher.finish(), expected_hash({}));
}

TEST(HashBehind, EndsWithWorkThatNobodyWaitsFor) {
    SeededRandom random(5);
    const auto entries = random_entries(random, 50'000);
    for (int i = 0; i < 20; ++i) {
        IndexHasher first(some_days);
        IndexHasher second(some_days);
        HashBehind behind;
        behind.add(first, entries);
        behind.add(second, entries);
    }
}

// Joins that are large enough for a thread.
struct Large {
    explicit Large(bool mapped) {
        SeededRandom random(6);
        for (std::uint32_t i = 0; i < 75'000; ++i) {
            const MessageKey key{{i / 30'000}, random_id(random)};
            for (auto& part : keys)
                if (&part == keys.data() || random.next() % 2 == 0) part.push_back(key);
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            std::ranges::sort(keys[i]);
            contents.push_back(std::make_shared<FileContents>());
            contents[i]->bytes = hollow_bundle(keys[i]);
            const auto reader = open_shared(contents[i]);
            if (mapped) map_index(*reader);
            readers.push_back(reader);
        }
    }
    // Of the second source.
    std::uint64_t last_entry_at() const {
        return readers[1]->header().messages_offset - limits::bundle_entry_bytes;
    }

    std::vector<std::vector<MessageKey>> keys{2};
    std::vector<std::shared_ptr<FileContents>> contents;
    std::vector<std::shared_ptr<const Reader>> readers;
};

struct Seen {
    std::vector<std::size_t> copies;
    std::optional<Error> error{};
};

Seen run(Join& join, std::size_t sources) {
    Seen seen{.copies = std::vector<std::size_t>(sources)};
    while (true) {
        const auto group = join.next();
        if (!group) seen.error = group.error();
        if (!group || group->empty()) return seen;
        for (const auto& copy : *group) ++seen.copies[copy.source];
    }
}

TEST(LargeJoin, GivesAllAndVerifiesAll) {
    for (const bool mapped : {false, true}) {
        const Large large(mapped);
        Join join(large.readers, 1 << 20);
        const auto seen = run(join, 2);
        for (std::uint32_t source = 0; source < 2; ++source) {
            EXPECT_EQ(seen.copies[source], large.keys[source].size());
            EXPECT_EQ(join.digests(source)->before.size(), (large.keys[source].size() + 1023) / 1024);
        }
        EXPECT_TRUE(join.bad_sources().empty());
    }
}

// The id's last bit: nothing but the hash tells, when all entries have come by.
TEST(LargeJoin, WhatIsWrongAtItsEndIsBad) {
    for (const bool mapped : {false, true}) {
        const Large large(mapped);
        large.contents[1]->bytes[large.last_entry_at() + MessageId::size - 1] ^= 1;
        Join join(large.readers, 1 << 20);
        const auto seen = run(join, 2);
        EXPECT_EQ(seen.copies[1], large.keys[1].size());
        ASSERT_EQ(join.bad_sources().size(), 1U);
        EXPECT_EQ(join.bad_sources()[0], 1U);
        EXPECT_EQ(join.digests(1), nullptr);
        EXPECT_NE(join.digests(0), nullptr);
    }
}

TEST(LargeJoin, TwinsThatPartAtTheirEndAreHashedEachByItself) {
    for (const bool mapped : {false, true}) {
        Large large(mapped);
        auto bytes = large.contents[1]->bytes;
        bytes[large.last_entry_at() + MessageId::size - 1] ^= 1;
        large.readers.push_back(open_bytes(std::move(bytes)));
        Join join(large.readers, 1 << 20);
        const auto seen = run(join, 3);
        EXPECT_EQ(seen.copies[1], large.keys[1].size());
        ASSERT_EQ(join.bad_sources().size(), 1U);
        EXPECT_EQ(join.bad_sources()[0], 2U);
        EXPECT_NE(join.digests(1), nullptr);
    }
}

TEST(LargeJoin, AnErrorInTheMiddleEndsItsSourceOrAll) {
    for (const int os_error : {EIO, ENODEV}) {
        const Large large(false);
        large.contents[1]->bad_byte = large.last_entry_at() / 2;
        large.contents[1]->bad_error = os_error;
        Join join(large.readers, 1 << 20);
        const auto seen = run(join, 2);
        EXPECT_EQ(seen.error.has_value(), os_error == ENODEV);
        EXPECT_LT(seen.copies[1], large.keys[1].size());
        EXPECT_EQ(join.unreadable_sources().size(), os_error == EIO ? 1U : 0U);
    }
}

// As a visit does that is asked to stop.
TEST(LargeJoin, MayBeLeftAtAnyTime) {
    const Large large(false);
    for (const int groups : {0, 1, 10'000}) {
        Join join(large.readers, 1 << 20);
        for (int i = 0; i < groups; ++i) ASSERT_TRUE(join.next().has_value());
        Join moved = std::move(join);
        ASSERT_FALSE(moved.next().value().empty());
    }
}

}  // namespace
}  // namespace wcmp::bundle::test
