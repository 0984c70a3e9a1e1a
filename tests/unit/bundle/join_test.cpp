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
