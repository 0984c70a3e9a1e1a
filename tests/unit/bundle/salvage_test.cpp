#include "bundle/salvage.h"

#include "bundle/absorb.h"
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

TEST(Absorb, SmallestFirstUpToTheLimits) {
    const auto named = [](std::uint32_t day, std::uint64_t size) {
        return AbsorbCandidate{.name = {.first = {day}, .last = {day}}, .file_bytes = size};
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
}

}  // namespace
}  // namespace wcmp::bundle::test
