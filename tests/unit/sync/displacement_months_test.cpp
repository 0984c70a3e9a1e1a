// Many visits: relays that share one drive which is full of what lives long.
#include "full_drive.h"

#include <algorithm>

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

constexpr std::size_t junk_bundles = 64;
constexpr std::size_t junk_each = 10;

// Two relays with stores of their own, and a carrier between them.
struct Route {
    explicit Route(std::uint64_t seed) : random(seed), drive(seed + 7) {
        for (std::uint64_t i = 0; i < 2; ++i) stores.emplace_back(seed + i);
        constexpr std::uint64_t large = std::uint64_t{1} << 40;
        drive.set_capacity(large);
        for (std::size_t i = 0; i < junk_bundles; ++i) {
            const auto some = make(junk_each);
            put_bundle(*drive.root(), some);
            drive_bytes += bundle::test::sample_bundle(some).size();
        }
        drive.set_capacity(large - drive.root()->space()->free_bytes + limits::commit_reserve_bytes);
    }

    std::vector<Sample> make(std::size_t count) {
        return bundle::test::sample_messages(random, count, first_day, 2, 300);
    }

    VisitResult visit(std::size_t number) {
        const auto directory = stores[number].root();
        const auto drive_directory = drive.root();
        PlainStore store(*directory);
        VisitSettings settings;
        settings.memory = &memory[number];
        VisitResult result;
        const auto done = Visit(store, *drive_directory, settings, today, random).run(result, {});
        EXPECT_TRUE(done.has_value()) << describe(done.error());
        return result;
    }

    std::set<MessageKey> in_store(std::size_t number) { return held(*stores[number].root()); }
    std::set<MessageKey> on_drive() { return held(*drive.root()); }

    SeededRandom random;
    std::vector<io::MemoryFileSystem> stores;
    io::MemoryFileSystem drive;
    std::array<DriveMemory, 2> memory;
    std::uint64_t drive_bytes = 0;
};

std::size_t common(const std::set<MessageKey>& some, const std::set<MessageKey>& all) {
    return static_cast<std::size_t>(
        std::ranges::count_if(some, [&](const auto& key) { return all.contains(key); }));
}

TEST(DisplacementMonths, WhatIsNewGetsThroughAndNothingIsLost) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        Route route(seed);
        std::set<MessageKey> all = route.on_drive();
        std::array<std::set<MessageKey>, 2> sent;
        constexpr int rounds = 24;
        std::array<std::set<MessageKey>, 2> early;  // of the first two thirds
        std::array<std::set<MessageKey>, 2> held_before;
        std::uint64_t written_most = 0;
        for (int round = 0; round < rounds; ++round) {
            for (std::size_t number = 0; number < 2; ++number) {
                const auto letters = route.make(4);
                put_bundle(*route.stores[number].root(), letters);
                all = united(all, keys(letters));
                sent[number] = united(sent[number], keys(letters));
                if (round < rounds * 2 / 3) early[number] = sent[number];
                const auto result = route.visit(number);
                written_most = std::max(written_most, result.bytes_written_drive);
            }
            if (round % 4 != 3) continue;
            const auto together = united(united(route.in_store(0), route.in_store(1)), route.on_drive());
            ASSERT_EQ(together, all) << seed << ' ' << round;
            for (std::size_t number = 0; number < 2; ++number) {
                const auto before = std::exchange(held_before[number], route.in_store(number));
                EXPECT_TRUE(includes(held_before[number], before)) << "a store never lets go";
            }
        }
        EXPECT_LE(written_most, route.drive_bytes / 8 * 5 / 4) << seed;
        for (std::size_t number = 0; number < 2; ++number) {
            const auto arrived = common(early[number], route.in_store(1 - number));
            EXPECT_GE(arrived, early[number].size() * 9 / 10) << seed << ' ' << number;
        }
    }
}

// Both hold what is on the drive, and it has all of theirs: nobody makes room for anything.
TEST(DisplacementMonths, WhereNothingIsLackingNothingGoes) {
    Route route(9);
    for (const std::size_t number : {0U, 1U}) route.visit(number);
    const auto before = route.on_drive();
    const auto steps = route.drive.steps();
    for (int round = 0; round < 5; ++round)
        for (const std::size_t number : {0U, 1U}) {
            const auto result = route.visit(number);
            EXPECT_EQ(result.displaced_bundles, 0u);
            EXPECT_EQ(result.bytes_written_drive, 0u);
        }
    EXPECT_EQ(route.on_drive(), before);
    EXPECT_EQ(route.drive.steps(), steps);
}

// What went for it is lacking from then on, so each visit turns over as much; not more, and never 1/8.
TEST(DisplacementMonths, AFewNewMessagesTurnOverNoMoreThanTheirOwnShare) {
    Route route(10);
    for (const std::size_t number : {0U, 1U}) route.visit(number);
    put_bundle(*route.stores[0].root(), route.make(4));
    const auto bundle_bytes = route.drive_bytes / junk_bundles;
    std::uint64_t displaced = 0;
    for (int visit = 0; visit < 20; ++visit) {
        const auto result = route.visit(static_cast<std::size_t>(visit % 2));
        EXPECT_LE(result.displaced_bundles, 2u) << visit;
        displaced += result.displaced_bundles;
        EXPECT_LE(result.bytes_written_drive, 4 * bundle_bytes) << visit;
    }
    EXPECT_GT(displaced, 0u);
    EXPECT_GE(route.on_drive().size(), junk_bundles * junk_each - 20);
}

}  // namespace
}  // namespace wcmp::sync::test
