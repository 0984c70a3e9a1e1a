// Which bundles go from a full drive: as tables, and for random drives.
#include "sync/displacement.h"

#include "core/limits.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

namespace wcmp::sync::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

FullDrive drive_of(std::size_t bundles, std::uint64_t bytes_each) {
    FullDrive drive;
    drive.bundles.assign(bundles, {.file_bytes = bytes_each, .held = true});
    return drive;
}

std::vector<std::size_t> chosen_of(const FullDrive& drive, std::uint64_t seed = 1) {
    SeededRandom random(seed);
    return choose_displaced(drive, random).value();
}

std::uint64_t bytes_at(const FullDrive& drive, const std::vector<std::size_t>& positions) {
    std::uint64_t sum = 0;
    for (const auto position : positions) sum += drive.bundles[position].file_bytes;
    return sum;
}

TEST(Displacement, AtMostAnEighthAndNeverMoreThanPeopleWaitFor) {
    EXPECT_EQ(displaced_bytes_max(0), 0u);
    EXPECT_EQ(displaced_bytes_max(7), 0u);
    EXPECT_EQ(displaced_bytes_max(8000), 1000u);
    EXPECT_EQ(displaced_bytes_max(std::uint64_t{1} << 40), std::uint64_t{512} << 20);
}

struct Row {
    const char* what;
    std::uint64_t room;
    std::uint64_t missing;
    std::uint64_t wanted;
    std::size_t bundles;  // that go, of 80 with 100 bytes each: 1/8 are 1000 bytes
};

TEST(Displacement, AsMuchAsIsNeeded) {
    constexpr Row rows[] = {
        {"nothing is wanted", 0, 0, 0, 0},
        {"everything fits", 50, 0, 50, 0},
        {"1/8 of it fits", 1000, 0, 5000, 0},
        {"a little does not fit", 50, 0, 51, 1},
        {"one byte", 0, 0, 1, 1},
        {"one bundle is enough", 0, 0, 100, 1},
        {"it is not", 0, 0, 101, 2},
        {"up to 1/8 has room", 300, 0, 5000, 7},
        {"1/8 goes at most", 0, 0, 5000, 10},
        {"others have filled the drive", 0, 250, 100, 4},
        {"and nearly all that may go would be for them", 0, 950, 100, 10},
        {"or all", 0, 1000, 100, 0},
        {"or more", 0, ~std::uint64_t{0}, ~std::uint64_t{0}, 0},
    };
    for (const auto& row : rows) {
        auto drive = drive_of(80, 100);
        drive.room_bytes = row.room;
        drive.missing_bytes = row.missing;
        drive.wanted_bytes = row.wanted;
        EXPECT_EQ(chosen_of(drive).size(), row.bundles) << row.what;
    }
}

TEST(Displacement, OnlyWhatTheStoreHolds) {
    auto drive = drive_of(80, 100);
    drive.wanted_bytes = 5000;
    for (auto& bundle : drive.bundles) bundle.held = false;
    EXPECT_THAT(chosen_of(drive), IsEmpty());
    drive.bundles[7].held = true;
    EXPECT_THAT(chosen_of(drive), ElementsAre(7));
}

TEST(Displacement, WhatIsLargerThanAnEighthStays) {
    FullDrive drive{.bundles = {{1000, true}, {1000, true}, {10, true}}, .wanted_bytes = 500};
    EXPECT_THAT(chosen_of(drive), ElementsAre(2));
    drive.bundles.pop_back();
    EXPECT_THAT(chosen_of(drive), IsEmpty());
}

TEST(Displacement, NothingGoesFromAnEmptyDrive) {
    EXPECT_THAT(chosen_of({.bundles = {}, .wanted_bytes = 100}), IsEmpty());
}

// A large one that comes late makes the small ones before it needless.
TEST(Displacement, WhatIsNotNeededStays) {
    auto drive = drive_of(70, 10);
    drive.bundles.push_back({.file_bytes = 95, .held = true});
    drive.wanted_bytes = 95;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto chosen = chosen_of(drive, seed);
        const bool large = std::ranges::find(chosen, 70u) != chosen.end();
        EXPECT_EQ(chosen.size(), large ? 1u : 9u) << seed;
    }
}

TEST(Displacement, EachHasTheSameChance) {
    auto drive = drive_of(40, 100);
    drive.wanted_bytes = 500;
    SeededRandom random(3);
    std::vector<int> times(40);
    for (int i = 0; i < 4000; ++i) {
        const auto chosen = choose_displaced(drive, random);
        ASSERT_TRUE(chosen.has_value());
        ASSERT_EQ(chosen->size(), 5u);
        for (const auto position : *chosen) ++times[position];
    }
    for (const auto count : times) EXPECT_NEAR(count, 500, 120);
}

FullDrive random_drive(SeededRandom& random) {
    FullDrive drive;
    for (std::uint64_t bundles = random.next() % 30; bundles > 0; --bundles)
        drive.bundles.push_back({.file_bytes = 1 + random.next() % 5000, .held = random.next() % 4 != 0});
    drive.room_bytes = random.next() % 3 == 0 ? random.next() % 10'000 : 0;
    drive.missing_bytes = drive.room_bytes == 0 && random.next() % 3 == 0 ? random.next() % 10'000 : 0;
    drive.wanted_bytes = random.next() % 20'000;
    return drive;
}

TEST(Displacement, KeepsItsBoundsForRandomDrives) {
    SeededRandom random(17);
    std::size_t displacing = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto drive = random_drive(random);
        const auto chosen = chosen_of(drive, random.next());
        if (chosen.empty()) continue;
        ++displacing;
        std::uint64_t all = 0;
        for (const auto& bundle : drive.bundles) all += bundle.file_bytes;
        const auto gone = bytes_at(drive, chosen);
        EXPECT_EQ(std::set(chosen.begin(), chosen.end()).size(), chosen.size());
        for (const auto position : chosen) {
            EXPECT_TRUE(drive.bundles[position].held);
            // Each is needed.
            const auto without = drive.room_bytes + gone - drive.bundles[position].file_bytes;
            EXPECT_LT(without, drive.missing_bytes + std::min(drive.wanted_bytes, all / 8));
        }
        EXPECT_LE(gone * 8, all);
        EXPECT_GT(gone + drive.room_bytes, drive.missing_bytes);
        EXPECT_LT(drive.room_bytes, drive.wanted_bytes);
        EXPECT_LT(drive.room_bytes, all / 8);
    }
    EXPECT_GT(displacing, 3000u);
}

class RandomThatFails final : public Random {
public:
    Result<void> fill(MutableBytes) override { return fail(Errc::not_seeded, "no randomness"); }
};

TEST(Displacement, WithoutRandomnessNothingIsChosen) {
    auto drive = drive_of(80, 100);
    drive.wanted_bytes = 100;
    RandomThatFails random;
    const auto chosen = choose_displaced(drive, random);
    ASSERT_FALSE(chosen.has_value());
    EXPECT_EQ(chosen.error().code, Errc::not_seeded);
}

}  // namespace
}  // namespace wcmp::sync::test
