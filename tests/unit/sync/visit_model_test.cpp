// Random states of a store and several drives, against sets; and every error at every step.
#include "core/limits.h"
#include "meeting.h"

#include <algorithm>

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

// What ought to come out: sets, and the rules.
bool is_admitted(const Sample& message, const VisitSettings& settings) {
    return message::admit(message.key.day, message.bytes.size(), settings.admission, today) ==
           message::Verdict::admitted;
}

struct World {
    explicit World(std::uint64_t seed) : random(seed) {
        for (std::size_t i = 0; i < 2; ++i) stores.emplace_back(seed + i);
        drive = std::make_unique<io::MemoryFileSystem>(seed + 7);
        // Some of the days are dead, and some messages larger than the rule allows.
        settings.admission.message_bytes_max = 700;
        const auto first = today.floor.number - 1;
        all = bundle::test::sample_messages(random, 60, first, 6, 900);
    }

    std::vector<Sample> some(std::uint64_t one_of, bool admitted_only) {
        std::vector<Sample> chosen;
        for (const auto& message : all)
            if (random.next() % one_of == 0 && (!admitted_only || is_admitted(message, settings)))
                chosen.push_back(message);
        return chosen;
    }

    Result<VisitResult> visit(std::size_t store_number) {
        const auto directory = stores[store_number].root();
        const auto drive_directory = drive->root();
        PlainStore store(*directory);
        settings.memory = &memory;
        VisitResult result;
        const auto done = Visit(store, *drive_directory, settings, today, random).run(result, {});
        if (!done) return std::unexpected(done.error());
        return result;
    }

    std::set<MessageKey> live(std::set<MessageKey> of) const {
        std::erase_if(of, [](const auto& key) { return key.day <= today.floor; });
        return of;
    }

    SeededRandom random;
    std::vector<io::MemoryFileSystem> stores;
    std::unique_ptr<io::MemoryFileSystem> drive;
    std::vector<Sample> all;
    VisitSettings settings{};
    DriveMemory memory;
};

TEST(VisitModel, FromRelayToDriveToRelay) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        World world(seed);
        world.settings.shared = seed % 3 == 0;
        std::set<MessageKey> admitted;
        std::set<MessageKey> on_drive;
        for (std::size_t bundles = world.random.next() % 4; bundles > 0; --bundles)
            for (auto& store : world.stores) {
                const auto some = world.some(5, true);
                put_bundle(*store.root(), some);
                admitted = united(admitted, keys(some));
            }
        for (std::size_t bundles = world.random.next() % 5; bundles > 0; --bundles) {
            const auto some = world.some(4, false);
            put_bundle(*world.drive->root(), some);
            on_drive = united(on_drive, world.live(keys(some)));
            for (const auto& message : some)
                if (is_admitted(message, world.settings)) admitted.insert(message.key);
        }

        for (const std::size_t store : {0U, 1U, 0U}) ASSERT_TRUE(world.visit(store).has_value()) << seed;
        for (auto& store : world.stores) EXPECT_EQ(held(*store.root()), admitted) << seed;
        // What the relays refuse for themselves is carried on.
        EXPECT_EQ(world.live(held(*world.drive->root())), united(admitted, on_drive)) << seed;

        const auto steps = world.drive->steps();
        for (const std::size_t store : {0U, 1U}) {
            const auto again = world.visit(store);
            ASSERT_TRUE(again.has_value()) << seed;
            EXPECT_EQ(again->bytes_written_store + again->bytes_written_drive, 0U) << seed;
            EXPECT_EQ(again->imported + again->exported, 0U) << seed;
        }
        EXPECT_EQ(world.drive->steps(), steps) << seed;
    }
}

// What could not be written on the store's side is an error; nothing that was there is lost, and the next
// visit brings the rest and leaves nothing behind.
TEST(VisitModel, AnErrorOfTheStoreAtAnyStepLosesNothing) {
    for (const int os_error : {EIO, ENOSPC, EROFS}) {
        for (std::uint64_t step = 0;; ++step) {
            Meeting meeting(700 + step);
            const auto oracle = fill(meeting, 4);
            const auto before = meeting.in_store();
            const auto last = meeting.store_files.steps() + step;
            meeting.store_files.fail_at(last, {.os_error = os_error, .lasts = io::Fault::Lasts::writes});
            const auto result = meeting.visit();
            const bool reached = meeting.store_files.steps() > last;
            if (reached && os_error != ENOSPC) {
                EXPECT_FALSE(result.has_value()) << os_error << ' ' << step;
            }
            const auto arrived = meeting.arrived;
            meeting.store_files.power_cut();
            EXPECT_TRUE(includes(meeting.in_store(), united(before, arrived))) << os_error << ' ' << step;
            const auto again = meeting.visit();
            ASSERT_TRUE(again.has_value()) << os_error << ' ' << step << describe(again.error());
            EXPECT_EQ(meeting.in_store(), oracle) << os_error << ' ' << step;
            EXPECT_EQ(meeting.on_drive(), oracle) << os_error << ' ' << step;
            if (!reached) break;
        }
    }
}

TEST(VisitModel, WhatAFailedExportLeftIsGoneAfterTheNextVisit) {
    for (const int os_error : {EIO, ENOSPC}) {
        for (std::uint64_t step = 0;; ++step) {
            Meeting meeting(900 + step);
            const auto oracle = fill(meeting, 5);
            const auto last = meeting.drive_files.steps() + step;
            meeting.drive_files.fail_at(last, {.os_error = os_error, .lasts = io::Fault::Lasts::all});
            std::ignore = meeting.visit();
            const bool reached = meeting.drive_files.steps() > last;
            meeting.drive_files.power_cut();
            ASSERT_TRUE(meeting.visit().has_value());
            EXPECT_EQ(meeting.on_drive(), oracle) << step;
            auto found = bundle::scan(*meeting.drive_files.root(), today, 0, meeting.random);
            ASSERT_TRUE(found.has_value());
            EXPECT_TRUE(found->void_files.empty()) << step;
            EXPECT_TRUE(found->damaged.empty()) << step;
            EXPECT_EQ(count_files(*meeting.drive_files.root()), found->bundles.size()) << step;
            if (!reached) break;
        }
    }
}

// At each moment at which the visit tells where it is: it ends, and both sides are whole.
TEST(VisitModel, AStopAtAnyMomentIsHonoured) {
    for (int moment = 0;; ++moment) {
        Meeting meeting(33);
        const auto oracle = fill(meeting, 5);
        const auto store_before = meeting.in_store();
        const auto drive_before = meeting.on_drive();
        int calls = 0;
        bool last_was_release = false;
        meeting.on_progress = [&](const Progress& progress) {
            if (calls++ != moment) return;
            last_was_release = progress.phase == Phase::releasing;
            meeting.stop.request_stop();
        };
        const auto result = meeting.visit();
        if (calls <= moment) break;
        if (result) {
            EXPECT_TRUE(last_was_release || meeting.on_drive() == oracle) << moment;
        } else {
            EXPECT_EQ(result.error().code, Errc::cancelled) << moment;
        }
        EXPECT_TRUE(includes(meeting.in_store(), store_before)) << moment;
        EXPECT_TRUE(includes(meeting.on_drive(), drive_before)) << moment;
        meeting.stop = {};
        meeting.on_progress = nullptr;
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_EQ(meeting.in_store(), oracle) << moment;
        EXPECT_EQ(meeting.on_drive(), oracle) << moment;
    }
}

// A drive with little room takes other messages each time, never more than fit.
TEST(VisitModel, ASmallDriveTakesARandomSubset) {
    std::set<std::set<MessageKey>> subsets;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Meeting meeting(55);
        meeting.random = SeededRandom(2);
        const auto ours = meeting.make(200);
        meeting.give_store(ours);
        meeting.random = SeededRandom(seed);
        meeting.settings.drive_bytes_max = 60'000;
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value());
        ASSERT_TRUE(result->export_error.has_value());
        EXPECT_EQ(result->export_error->code, Errc::no_space);
        EXPECT_EQ(result->exported + result->not_exported, ours.size());
        EXPECT_LE(result->bytes_written_drive, 60'000U + 64);
        EXPECT_GE(result->exported_bytes, 30'000U);
        subsets.insert(meeting.on_drive());
    }
    EXPECT_EQ(subsets.size(), 8U);
}

TEST(VisitModel, ADriveWithoutRoomIsSaidToHaveNone) {
    Meeting meeting(56);
    meeting.give_store(meeting.make(5));
    meeting.settings.drive_bytes_max = 0;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::no_space);
    EXPECT_EQ(result->not_exported, 5U);
}

}  // namespace
}  // namespace wcmp::sync::test
