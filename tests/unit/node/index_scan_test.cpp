#include "node/index_scan.h"

#include "unit/bundle/sample.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using bundle::test::hollow_bundle;
using Bundles = std::vector<std::shared_ptr<const bundle::Reader>>;

MessageKey random_key(SeededRandom& random) {
    return {Day{20'000 + static_cast<std::uint32_t>(random.next() % 6)}, bundle::test::random_id(random)};
}

// Some bundles over one set of keys, with copies.
struct Sets {
    std::vector<MessageKey> all;
    Bundles bundles;

    explicit Sets(std::uint64_t seed, std::size_t bundle_count, std::size_t key_count) {
        SeededRandom random(seed);
        for (std::size_t i = 0; i < key_count; ++i) all.push_back(random_key(random));
        std::ranges::sort(all);
        for (std::size_t i = 0; i < bundle_count; ++i) {
            std::vector<MessageKey> some;
            for (const auto& key : all)
                if (random.next() % 2 == 0) some.push_back(key);
            if (some.empty()) some.push_back(all.front());
            bundles.push_back(bundle::test::open_bytes(hollow_bundle(some)));
        }
        if (bundle_count > 0) bundles.push_back(bundle::test::open_bytes(hollow_bundle(all)));
    }

    std::vector<MessageKey> from(const MessageKey& key) const {
        return {std::ranges::lower_bound(all, key), all.end()};
    }
};

std::vector<MessageKey> scan(const Bundles& bundles, const MessageKey& from) {
    std::vector<MessageKey> keys;
    IndexScan scan(bundles, from);
    while (const auto place = scan.next()) {
        bundle::Entry entry;
        EXPECT_TRUE(bundles[place->bundle]->read_entries(place->position, std::span(&entry, 1)).has_value());
        EXPECT_EQ(entry, place->entry) << "the position is the entry's";
        if (keys.empty() || keys.back() != entry.key) keys.push_back(entry.key);
    }
    return keys;
}

TEST(LowerBound, IsThatOfTheSortedKeys) {
    const Sets sets(1, 1, 200);
    const auto& whole = *sets.bundles.back();
    SeededRandom random(2);
    auto probes = sets.all;
    for (int i = 0; i < 200; ++i) probes.push_back(random_key(random));
    probes.push_back({Day{0}, {}});
    probes.push_back({Day{30'000}, {}});
    for (const auto& probe : probes) {
        const auto expected = std::ranges::lower_bound(sets.all, probe) - sets.all.begin();
        const auto found = lower_bound(whole, probe);
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(static_cast<std::ptrdiff_t>(*found), expected);
    }
}

TEST(IndexScan, GoesOnFromAnyKey) {
    for (const std::size_t count : {1u, 3u, 40u}) {
        const Sets sets(count, count, 500);
        EXPECT_EQ(scan(sets.bundles, {}), sets.all);
        SeededRandom random(count);
        for (int i = 0; i < 20; ++i) {
            const auto probe = i % 2 == 0 ? random_key(random) : sets.all[random.next() % sets.all.size()];
            EXPECT_EQ(scan(sets.bundles, probe), sets.from(probe));
        }
    }
}

TEST(IndexScan, OfNothingIsEmpty) {
    EXPECT_TRUE(scan({}, {}).empty());
    const Sets sets(1, 2, 5);
    EXPECT_TRUE(scan(sets.bundles, {Day{30'000}, {}}).empty());
}

TEST(IndexScan, GoingOnCostsAFewReadsABundle) {
    auto contents = std::make_shared<bundle::test::FileContents>();
    SeededRandom random(4);
    std::vector<MessageKey> keys;
    for (int i = 0; i < 20'000; ++i) keys.push_back(random_key(random));
    std::ranges::sort(keys);
    contents->bytes = hollow_bundle(keys);
    const Bundles bundles{bundle::test::open_shared(contents)};
    contents->reads = 0;
    contents->bytes_read = 0;
    IndexScan scan(bundles, keys[15'000]);
    EXPECT_EQ(scan.next()->entry.key, keys[15'000]);
    EXPECT_LT(contents->reads, 30u);
    EXPECT_LT(contents->bytes_read, 20'000u);
}

TEST(IndexScan, ABundleThatCannotBeReadIsNamedAndHidesNoOther) {
    auto contents = std::make_shared<bundle::test::FileContents>();
    SeededRandom random(5);
    contents->bytes = hollow_bundle({random_key(random), random_key(random)});
    const Sets sets(1, 6, 5);
    const Bundles bundles{bundle::test::open_shared(contents), sets.bundles.back()};
    contents->bad_byte = 64 + 8 * bundles[0]->days().size() + 1;
    EXPECT_EQ(scan(bundles, {}), sets.all);
    const IndexScan failing(bundles, {});
    ASSERT_EQ(failing.failed().size(), 1u);
    EXPECT_EQ(failing.failed()[0].bundle, 0u);
    EXPECT_EQ(failing.failed()[0].error.code, Errc::io);
}

// A page that is given for the first entries only.
TEST(IndexScan, WhatFailsLaterIsLeftOutFromThereOn) {
    auto contents = std::make_shared<bundle::test::FileContents>();
    SeededRandom random(7);
    std::vector<MessageKey> keys;
    for (int i = 0; i < 20'000; ++i) keys.push_back(random_key(random));
    std::ranges::sort(keys);
    contents->bytes = hollow_bundle(keys);
    const Bundles bundles{bundle::test::open_shared(contents)};
    contents->bad_byte = bundles[0]->header().index_offset() + 10'000 * limits::bundle_entry_bytes;
    IndexScan scan(bundles, keys[9'000]);
    std::size_t count = 0;
    while (scan.next()) ++count;
    EXPECT_GT(count, 500u);
    EXPECT_LE(count, 1'000u);
    EXPECT_EQ(scan.failed().size(), 1u);
}

}  // namespace
}  // namespace wcmp::node
