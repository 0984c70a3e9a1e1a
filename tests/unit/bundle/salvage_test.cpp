#include "bundle/salvage.h"

#include "bundle/absorb.h"
#include "bundle/parts.h"
#include "core/limits.h"
#include "io/memory.h"
#include "sample.h"
#include "vectors/vector_file.h"

#include <set>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

const std::map<std::string, Damage> damages{
    {"none", Damage::none},           {"good", Damage::none},
    {"void", Damage::void_file},      {"index", Damage::index_wrong},
    {"header", Damage::header_wrong}, {"unknown_format", Damage::unknown_format}};

TEST(Salvage, VectorsAreSavedAsTheySay) {
    for (const auto& file : vectors::all()) {
        for (const auto& vector : file.salvage) {
            const MemoryFile damaged(vector.data);
            const auto found = salvage(damaged, std::nullopt);
            ASSERT_TRUE(found.has_value()) << vector.name;
            ASSERT_TRUE(damages.contains(vector.damage)) << vector.damage;
            EXPECT_EQ(found->damage, damages.at(vector.damage)) << vector.name;
            std::set<Bytes> saved;
            for (const auto& message : found->saved)
                saved.emplace(message.key.id.bytes.begin(), message.key.id.bytes.end());
            EXPECT_EQ(saved, std::set<Bytes>(vector.saved_ids.begin(), vector.saved_ids.end()))
                << vector.name;
            const auto source = salvage_source(damaged, *found);
            for (std::size_t i = 0; i < found->saved.size(); ++i) {
                const Item item{found->saved[i].key, found->saved[i].length};
                EXPECT_TRUE(source->fetch(i, item).has_value()) << vector.name;
            }
        }
    }
}

// Entries that all claim the same large range: each is read at most as long as the file's size allows.
TEST(Salvage, WorkIsLinearWhateverTheIndexSays) {
    SeededRandom random(1);
    std::vector<MessageKey> keys;
    for (int i = 0; i < 2000; ++i) keys.push_back({.day = {200}, .id = random_id(random)});
    auto bytes = hollow_bundle(keys, 300);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto entry = MutableBytes(bytes).subspan(64 + 8 + 40 * i, 40);
        std::ranges::fill(entry.subspan(32), std::uint8_t{0});
        entry[37] = 8;  // 512 KiB
    }
    auto contents = std::make_shared<FileContents>();
    contents->bytes = bytes;
    const MemoryFile file(contents);
    const auto found = salvage(file, std::nullopt);
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->saved.empty());
    EXPECT_LE(contents->bytes_read, 5 * bytes.size());
}

// A bundle on a medium of which some places cannot be read, under an index hash that is wrong.
struct WornOut {
    explicit WornOut(std::size_t count) {
        SeededRandom random(3);
        messages = sample_messages(random, count, 200, 3, 900);
        auto bytes = sample_bundle(messages);
        bytes[40] ^= 1;
        auto root = files.root();
        auto created = root->create("worn");
        EXPECT_TRUE((*created)->write_at(0, bytes).has_value());
        created->reset();
        file = std::move(*root->open("worn"));
    }

    std::set<MessageKey> all() const {
        std::set<MessageKey> keys;
        for (const auto& message : messages) keys.insert(message.key);
        return keys;
    }

    std::vector<Sample> messages;
    io::MemoryFileSystem files;
    std::unique_ptr<io::ReadableFile> file;
};

TEST(Salvager, GoesThroughAFileInRounds) {
    const WornOut worn(500);
    auto salvager = Salvager::open(*worn.file, std::nullopt);
    ASSERT_TRUE(salvager.has_value());
    EXPECT_EQ(salvager->damage(), Damage::index_wrong);
    std::set<MessageKey> saved;
    std::size_t rounds = 0;
    while (!salvager->done()) {
        const auto round = salvager->next({.saved_max = 100});
        ASSERT_TRUE(round.has_value());
        EXPECT_EQ(round->damage, Damage::index_wrong);
        EXPECT_LE(round->saved.size(), 100U);
        for (const auto& message : round->saved) saved.insert(message.key);
        ++rounds;
    }
    EXPECT_GE(rounds, 4U);
    EXPECT_EQ(saved, worn.all());
}

TEST(Salvager, APlaceThatCannotBeReadHidesNoOther) {
    for (std::uint64_t read = 0;; ++read) {
        WornOut worn(100);
        const auto last = worn.files.reads() + read;
        worn.files.fail_read_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::once});
        const auto found = salvage(*worn.file, std::nullopt);
        const bool reached = worn.files.reads() > last;
        if (read < 2) {  // size and header: without them there is nothing to go by
            EXPECT_FALSE(found.has_value());
            continue;
        }
        ASSERT_TRUE(found.has_value()) << read;
        EXPECT_EQ(found->damage, Damage::index_wrong);
        EXPECT_EQ(found->saved.size() + found->lost, 100U) << read;
        EXPECT_GE(found->saved.size(), 36U) << read;  // a step of 64 entries, or one message
        EXPECT_EQ(found->unreadable > 0, found->lost > 0) << read;
        if (!reached) break;
    }
}

TEST(Salvager, AMediumThatGivesNothingMoreEndsIt) {
    WornOut worn(300);
    auto salvager = Salvager::open(*worn.file, std::nullopt);
    ASSERT_TRUE(salvager.has_value());
    worn.files.fail_read_at(worn.files.reads() + 1, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
    const auto before = worn.files.reads();
    const auto found = salvager->next({});
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().os_error, EIO);
    EXPECT_LE(worn.files.reads() - before, 1U + limits::unreadable_in_a_row_max);
}

TEST(Salvager, AMediumThatWentEndsItAtOnce) {
    WornOut worn(300);
    auto salvager = Salvager::open(*worn.file, std::nullopt);
    ASSERT_TRUE(salvager.has_value());
    const auto at = worn.files.reads() + 10;
    worn.files.fail_read_at(at, {.os_error = ENODEV, .lasts = io::Fault::Lasts::all});
    EXPECT_FALSE(salvager->next({}).has_value());
    EXPECT_EQ(worn.files.reads(), at + 1);
}

TEST(Salvager, BytesReadInVainEndARound) {
    SeededRandom random(4);
    std::vector<MessageKey> keys;
    for (int i = 0; i < 1000; ++i) keys.push_back({.day = {200}, .id = random_id(random)});
    const MemoryFile file(hollow_bundle(keys, 300));  // no message is what its id says
    auto salvager = Salvager::open(file, std::nullopt);
    ASSERT_TRUE(salvager.has_value());
    const auto round = salvager->next({.failing_bytes_max = 10'000});
    ASSERT_TRUE(round.has_value());
    EXPECT_GE(round->failing_bytes, 10'000U);
    EXPECT_LE(round->failing_bytes, 10'000U + 300);
    EXPECT_FALSE(salvager->done());
}

TEST(Parts, ItemsAreCutAsWritersCut) {
    SeededRandom random(5);
    std::vector<Item> items;
    for (std::uint32_t i = 0; i < 200; ++i)
        items.push_back({.key = {.day = {200 + i / 20}, .id = random_id(random)}, .length = 1'000'000});
    std::ranges::sort(items, {}, &Item::key);
    const auto parts = cut_items(items);
    ASSERT_EQ(parts.size(), 4U);  // three days of 20 MB fit a file of 64 MiB
    std::size_t next = 0;
    for (const auto& part : parts) {
        EXPECT_EQ(part.first, next);
        EXPECT_EQ(part.first % 20, 0U);
        next += part.count;
    }
    EXPECT_EQ(next, items.size());
    EXPECT_TRUE(cut_items({}).empty());
}

TEST(Absorb, SmallestFirstUpToTheLimits) {
    const auto named = [](std::uint32_t day, std::uint64_t size) {
        return AbsorbCandidate{
            .name = {.first = {day}, .last = {day}}, .file_bytes = size, .messages = size / 1000};
    };
    const std::uint64_t mib = std::uint64_t{1} << 20;
    const std::vector<AbsorbCandidate> all{named(3, 110000), named(1, 110000), named(2, 3 * mib),
                                           named(4, 60000), named(5, 2 * mib)};
    EXPECT_TRUE(choose_absorbed(all, 0).empty());
    EXPECT_TRUE(choose_absorbed(all, 8 * mib).empty());
    EXPECT_EQ(choose_absorbed(all, 1), (std::vector<std::size_t>{3, 1}));  // 256 KiB
    EXPECT_EQ(choose_absorbed(all, 40000), (std::vector<std::size_t>{3, 1, 0}));
    EXPECT_EQ(choose_absorbed(all, mib), (std::vector<std::size_t>{3, 1, 0, 4}));
    EXPECT_EQ(choose_absorbed(all, mib, limits::bundle_cut_bytes - 200000), (std::vector<std::size_t>{3, 1}));
    // Of 40 000 new bytes in a file of 50 000: as far as the output has room beside the inputs.
    const auto within = [&](const AbsorbRoom& room) { return choose_absorbed(all, 40000, 50000, room); };
    EXPECT_EQ(within({.file_bytes = 330000}), (std::vector<std::size_t>{3, 1, 0}));
    EXPECT_EQ(within({.file_bytes = 329999}), (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(within({.file_bytes = 219999}), (std::vector<std::size_t>{3}));
    EXPECT_TRUE(within({.file_bytes = 0}).empty());
    EXPECT_EQ(within({.messages = 170}), (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(within({.messages = 169}), (std::vector<std::size_t>{3}));
}

}  // namespace
}  // namespace wcmp::bundle::test
