#include "bundle/join.h"

#include "sample.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

using Readers = std::vector<std::shared_ptr<const Reader>>;
using Groups = std::map<MessageKey, std::vector<std::pair<std::uint32_t, std::uint32_t>>>;

Groups run(Join& join) {
    Groups groups;
    std::optional<MessageKey> before;
    while (true) {
        const auto group = join.next();
        EXPECT_TRUE(group) << describe(group.error());
        if (!group || group->empty()) return groups;
        const auto& key = group->front().entry.key;
        EXPECT_TRUE(!before || *before < key);
        before = key;
        for (const auto& copy : *group) {
            EXPECT_EQ(copy.entry.key, key);
            groups[key].emplace_back(copy.source, copy.position);
        }
    }
}

// Each source a random part of `pool`; some empty parts are made one.
std::vector<std::vector<MessageKey>> random_parts(SeededRandom& random, std::size_t sources,
                                                  std::size_t pool_size) {
    std::vector<MessageKey> pool;
    for (std::size_t i = 0; i < pool_size; ++i)
        pool.push_back({{static_cast<std::uint32_t>(random.next() % 6)}, random_id(random)});
    std::vector<std::vector<MessageKey>> parts(sources);
    for (auto& part : parts) {
        const auto density = random.next() % 100 + 1;
        for (const auto& key : pool)
            if (random.next() % 100 < density) part.push_back(key);
        if (part.empty()) part.push_back(pool.front());
        std::ranges::sort(part);
    }
    return parts;
}

Groups expected(const std::vector<std::vector<MessageKey>>& parts) {
    Groups groups;
    for (std::uint32_t source = 0; source < parts.size(); ++source)
        for (std::uint32_t i = 0; i < parts[source].size(); ++i)
            groups[parts[source][i]].emplace_back(source, i);
    return groups;
}

TEST(Join, GroupsAreThoseOfAMap) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SeededRandom random(seed);
        const auto parts = random_parts(random, 1 + random.next() % 20, 1 + random.next() % 300);
        Readers readers;
        for (const auto& part : parts) {
            const auto reader = open_bytes(hollow_bundle(part));
            if (random.next() % 2 == 0) map_index(*reader);
            readers.push_back(reader);
        }
        Join join(readers, random.next() % 100000);
        EXPECT_EQ(run(join), expected(parts)) << "seed " << seed;
        EXPECT_TRUE(join.bad_sources().empty());
        for (std::uint32_t source = 0; source < parts.size(); ++source)
            EXPECT_EQ(join.digests(source)->before.size(), (parts[source].size() + 1023) / 1024);
        EXPECT_TRUE(join.next().value().empty()) << "and it stays at the end";
    }
}

TEST(Join, OfNothingIsEmpty) {
    Join join({}, 1000);
    EXPECT_TRUE(join.next().value().empty());
    Join moved = std::move(join);
    EXPECT_TRUE(moved.next().value().empty());
}

TEST(Join, TheSameBundleTwiceGivesPairs) {
    SeededRandom random(4);
    const auto bytes = sample_bundle(sample_messages(random, 50, 3, 4));
    const Readers readers{open_bytes(bytes), open_bytes(bytes)};
    Join join(readers, 1 << 20);
    for (const auto& [key, copies] : run(join)) EXPECT_EQ(copies.size(), 2u);
}

// A bundle three times and others beside it, mapped or read.
TEST(Join, TwinsStandInTheirPlaceAmongOthers) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SeededRandom random(seed);
        auto parts = random_parts(random, 2 + random.next() % 6, 1 + random.next() % 3000);
        for (int copies = 0; copies < 5; ++copies) parts.push_back(parts[random.next() % parts.size()]);
        Readers readers;
        for (const auto& part : parts) {
            const auto reader = open_bytes(hollow_bundle(part));
            if (random.next() % 2 == 0) map_index(*reader);
            readers.push_back(reader);
        }
        Join join(readers, random.next() % 100000);
        EXPECT_EQ(run(join), expected(parts)) << "seed " << seed;
        EXPECT_TRUE(join.bad_sources().empty());
        for (std::uint32_t source = 0; source < parts.size(); ++source)
            EXPECT_EQ(join.digests(source)->before.size(), (parts[source].size() + 1023) / 1024);
    }
}

// Two files of one name, and one beside them; of the second twin something is to be spoilt.
struct Twins {
    explicit Twins(bool first_mapped, bool second_mapped) {
        SeededRandom random(9);
        parts.resize(3);
        for (std::uint32_t i = 0; i < 3000; ++i) {
            parts[0].push_back({{i / 700}, random_id(random)});
            if (i % 3 == 0) parts[2].push_back(parts[0].back());
        }
        for (auto& part : parts) std::ranges::sort(part);
        parts[1] = parts[0];
        for (std::size_t i = 0; i < parts.size(); ++i) {
            contents.push_back(std::make_shared<FileContents>());
            contents[i]->bytes = hollow_bundle(parts[i]);
            const auto reader = open_shared(contents[i]);
            if ((i == 0 && first_mapped) || (i == 1 && second_mapped)) map_index(*reader);
            readers.push_back(reader);
        }
    }

    std::uint64_t entry_at(std::uint32_t position) const {
        return readers[1]->header().index_offset() + position * limits::bundle_entry_bytes;
    }
    // Everything of a source comes by, in its place.
    void expect_whole(const Groups& groups, std::uint32_t source) const {
        for (std::uint32_t i = 0; i < parts[source].size(); ++i) {
            const auto& copies = groups.at(parts[source][i]);
            EXPECT_EQ(std::ranges::count(copies, std::pair(source, i)), 1);
        }
    }
    // As when it was read by itself.
    void expect_sound(const Join& join, std::uint32_t source) const {
        IndexStream alone(readers[source], 8192);
        while (alone.next().value()) {
        }
        const auto digests = join.digests(source);
        ASSERT_NE(digests, nullptr);
        ASSERT_EQ(digests->before.size(), alone.digests()->before.size());
        for (std::size_t i = 0; i < digests->before.size(); ++i)
            EXPECT_EQ(digests->before[i].peek(), alone.digests()->before[i].peek());
    }

    std::vector<std::vector<MessageKey>> parts;
    std::vector<std::shared_ptr<FileContents>> contents;
    Readers readers;
};

template <class Test>
void for_each_way_to_read(Test test) {
    for (const bool first : {false, true})
        for (const bool second : {false, true}) test(first, second);
}

TEST(Join, TwinsShareWhatTheirHashWas) {
    for_each_way_to_read([](bool first, bool second) {
        const Twins some(first, second);
        Join join(some.readers, 100000);
        EXPECT_EQ(run(join), expected(some.parts));
        for (std::uint32_t source = 0; source < 3; ++source) some.expect_sound(join, source);
    });
}

// What one of the two says elsewhere than at its first block is found where it is read.
TEST(Join, OfTwinsThatDifferTheWrongOneEndsAlone) {
    for (const std::uint32_t position : {0U, 1U, 1023U, 1024U, 2500U}) {
        for (const std::size_t byte : {3U, 31U, 35U, 39U})
            for (const std::uint32_t wrong : {0U, 1U})
                for_each_way_to_read([&](bool first, bool second) {
                    SCOPED_TRACE(testing::Message()
                                 << position << " " << byte << " " << wrong << " " << first << " " << second);
                    const Twins some(first, second);
                    some.contents[wrong]->bytes[some.entry_at(position) + byte] ^= 1;
                    Join join(some.readers, 3 * 4096);
                    const auto groups = run(join);
                    EXPECT_EQ(std::vector(join.bad_sources().begin(), join.bad_sources().end()),
                              std::vector{wrong});
                    EXPECT_EQ(join.digests(wrong), nullptr);
                    for (const auto good : {1 - wrong, 2U}) {
                        some.expect_whole(groups, good);
                        some.expect_sound(join, good);
                    }
                });
    }
}

TEST(Join, TwinsThatAreWrongInTheSameWayAreBothBad) {
    for_each_way_to_read([](bool first, bool second) {
        const Twins some(first, second);
        for (const auto wrong : {0U, 1U}) some.contents[wrong]->bytes[some.entry_at(2500) + 31] ^= 1;
        Join join(some.readers, 3 * 4096);
        some.expect_whole(run(join), 2);
        auto bad = std::vector(join.bad_sources().begin(), join.bad_sources().end());
        std::ranges::sort(bad);
        EXPECT_EQ(bad, (std::vector{0U, 1U}));
    });
}

TEST(Join, APlaceThatOneTwinDoesNotGiveEndsThatOneAlone) {
    for (const std::uint32_t position : {0U, 1500U, 2500U})
        for (const std::uint32_t wrong : {0U, 1U})
            for (const bool other_mapped : {false, true}) {
                const Twins some(wrong == 1 && other_mapped, wrong == 0 && other_mapped);
                some.contents[wrong]->bad_byte = some.entry_at(position);
                some.contents[wrong]->bad_error = EIO;
                Join join(some.readers, 3 * 4096);
                const auto groups = run(join);
                ASSERT_EQ(join.unreadable_sources().size(), 1U);
                EXPECT_EQ(join.unreadable_sources()[0], wrong);
                EXPECT_TRUE(join.bad_sources().empty());
                EXPECT_EQ(join.digests(wrong), nullptr);
                for (const auto good : {1 - wrong, 2U}) {
                    some.expect_whole(groups, good);
                    some.expect_sound(join, good);
                }
            }
}

TEST(Join, AMediumThatGoesWhileATwinIsReadEndsAll) {
    for (const std::uint32_t gone : {0U, 1U}) {
        const Twins some(false, false);
        some.contents[gone]->bad_byte = some.entry_at(2000);
        some.contents[gone]->bad_error = ENODEV;
        Join join(some.readers, 3 * 4096);
        auto group = join.next();
        while (group && !group->empty()) group = join.next();
        ASSERT_FALSE(group);
        EXPECT_EQ(group.error().os_error, ENODEV);
    }
}

// The same hash in the header, another day table: one of them is wrong, and neither speaks for the other.
TEST(Join, OfOtherDaysIsNoTwin) {
    const Twins some(false, false);
    const auto days_at = limits::bundle_header_bytes;
    auto bytes = some.contents[1]->bytes;
    bytes[days_at + 3 + (some.readers[1]->days().size() - 1) * limits::bundle_day_bytes] += 1;
    const Readers readers{some.readers[0], open_bytes(bytes), some.readers[2]};
    Join join(readers, 3 * 4096);
    run(join);
    EXPECT_EQ(std::vector(join.bad_sources().begin(), join.bad_sources().end()), std::vector{1U});
    some.expect_sound(join, 0);
}

TEST(Join, AWrongIndexEndsItsSourceAndIsListed) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeededRandom random(seed);
        auto parts = random_parts(random, 5, 400);
        Readers readers;
        const auto wrong = static_cast<std::uint32_t>(random.next() % 5);
        for (std::uint32_t source = 0; source < 5; ++source) {
            auto bytes = hollow_bundle(parts[source]);
            if (source == wrong)
                bytes[bytes.size() - parts[source].size() * 39 - 1 - random.next() % 40] ^= 2;
            readers.push_back(open_bytes(bytes));
        }
        Join join(readers, 1 << 20);
        const auto groups = run(join);
        EXPECT_EQ(std::vector(join.bad_sources().begin(), join.bad_sources().end()), std::vector{wrong});
        EXPECT_EQ(join.digests(wrong), nullptr);
        std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
        for (const auto& [key, copies] : groups) seen.insert(copies.begin(), copies.end());
        for (std::uint32_t source = 0; source < 5; ++source)
            for (std::uint32_t i = 0; source != wrong && i < parts[source].size(); ++i)
                EXPECT_TRUE(seen.contains({source, i})) << "no other source loses anything";
    }
}

TEST(Join, AllSourcesMayBeWrong) {
    SeededRandom random(5);
    const auto messages = sample_messages(random, 5, 3, 1);
    auto bytes = sample_bundle(messages);
    bytes[40] ^= 1;
    const Readers readers{open_bytes(bytes), open_bytes(bytes)};
    Join join(readers, 1 << 20);
    while (!join.next().value().empty()) {
    }
    EXPECT_EQ(join.bad_sources().size(), 2u);
}

// Three sources, the second of which has a place that answers an error.
struct OneFails {
    explicit OneFails(int os_error) {
        SeededRandom random(6);
        parts = random_parts(random, 3, 2000);
        auto contents = std::make_shared<FileContents>();
        contents->bytes = hollow_bundle(parts[1]);
        contents->bad_error = os_error;
        readers = {open_bytes(hollow_bundle(parts[0])), open_shared(contents),
                   open_bytes(hollow_bundle(parts[2]))};
        contents->bad_byte = readers[1]->header().messages_offset - 1;
    }

    std::vector<std::vector<MessageKey>> parts;
    Readers readers;
};

TEST(Join, APlaceThatCannotBeReadEndsItsSourceAlone) {
    const OneFails some(EIO);
    Join join(some.readers, 3 * 4096);
    std::set<MessageKey> seen;
    for (auto group = join.next().value(); !group.empty(); group = join.next().value())
        seen.insert(group.front().entry.key);
    for (const auto part : {0U, 2U})
        for (const auto& key : some.parts[part]) EXPECT_TRUE(seen.contains(key));
    ASSERT_EQ(join.unreadable_sources().size(), 1U);
    EXPECT_EQ(join.unreadable_sources()[0], 1U);
    EXPECT_TRUE(join.bad_sources().empty());
    EXPECT_EQ(join.digests(1), nullptr);
}

TEST(Join, AnErrorOfTheWholeMediumStays) {
    const OneFails some(ENODEV);
    Join join(some.readers, 3 * 4096);
    auto group = join.next();
    while (group && !group->empty()) group = join.next();
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().os_error, ENODEV);
    EXPECT_EQ(join.next().error().os_error, ENODEV) << "it stays";
}

TEST(Join, AnErrorAtTheStartIsReportedToo) {
    SeededRandom random(7);
    auto contents = std::make_shared<FileContents>();
    contents->bytes = sample_bundle(sample_messages(random, 5, 3, 1));
    contents->bad_error = ENODEV;
    const Readers readers{open_shared(contents)};
    contents->bad_byte = readers[0]->header().index_offset();
    Join join(readers, 4096);
    EXPECT_EQ(join.next().error().code, Errc::io);
}

// The budget is for those that need buffers; mapped ones leave theirs to the others.
TEST(Join, TheBufferIsSharedAmongThoseThatRead) {
    SeededRandom random(8);
    std::vector<MessageKey> keys;
    for (int i = 0; i < 20000; ++i) keys.push_back({{1}, random_id(random)});
    const auto bytes = hollow_bundle(keys);
    Readers readers;
    for (int i = 0; i < 3; ++i) {
        const auto reader = open_bytes(bytes);
        map_index(*reader);
        readers.push_back(reader);
    }
    auto contents = std::make_shared<FileContents>();
    contents->bytes = bytes;
    readers.push_back(open_shared(contents));
    Join join(readers, 100000);
    EXPECT_EQ(run(join).size(), keys.size());
    EXPECT_LE(contents->largest_read, 100000u);
    EXPECT_GT(contents->largest_read, 90000u);
}

}  // namespace
}  // namespace wcmp::bundle::test
