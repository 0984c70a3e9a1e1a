// Displacement that is cut off at every step, and on media that fail.
#include "full_drive.h"

namespace wcmp::sync::test {
namespace {

using bundle::test::Call;
using bundle::test::Sample;
using Place = bundle::test::Watch::Place;

TEST(DisplacementFaults, AStopAtAnyMomentLosesNothing) {
    for (int moment = 0;; ++moment) {
        FullMeeting meeting(13, 16);
        const auto ours = news(meeting, 12);
        meeting.give_store(ours);
        const auto before = meeting.in_store();
        int calls = 0;
        meeting.on_progress = [&](const Progress&) {
            if (calls++ == moment) meeting.stop.request_stop();
        };
        const auto result = meeting.visit();
        if (calls <= moment) break;
        EXPECT_TRUE(result || result.error().code == Errc::cancelled);
        EXPECT_EQ(meeting.in_store(), before);
        EXPECT_EQ(united(meeting.in_store(), meeting.on_drive()), before);
        EXPECT_GE(meeting.on_drive().size() + meeting.result.displaced, meeting.junk.size());
        meeting.stop = {};
        meeting.on_progress = nullptr;
        // What went and what is new have the same chance for the room that there is now.
        const auto again = meeting.visit();
        ASSERT_TRUE(again.has_value());
        EXPECT_GT(again->exported + result.value_or(VisitResult{}).exported, 6u) << moment;
        EXPECT_EQ(united(meeting.in_store(), meeting.on_drive()), before);
    }
}

// A bundle that the store has only in the cache, as an earlier run may leave it that was killed.
void put_unsynced(io::Directory& directory, const std::vector<Sample>& messages) {
    const auto bytes = bundle::test::sample_bundle(messages);
    const auto file = directory.create(name_of(bytes));
    ASSERT_TRUE(file.has_value() && (*file)->write_at(0, bytes).has_value());
}

struct UnsyncedStore {
    explicit UnsyncedStore(std::uint64_t seed) : meeting(seed, 16) {
        meeting.store_files = io::MemoryFileSystem(seed + 9);
        put_unsynced(*meeting.store_files.root(), meeting.junk);
        ours = news(meeting, 5);
        meeting.give_store(ours);
    }

    FullMeeting meeting;
    std::vector<Sample> ours;
};

// What only one of the two has may be displaced nowhere: the union of both never shrinks.
TEST(DisplacementFaults, PowerCutsAtEveryStepOfTheDriveLoseNothing) {
    for (std::uint64_t step = 0;; ++step) {
        UnsyncedStore world(100 + step);
        auto& meeting = world.meeting;
        const auto oracle = united(keys(meeting.junk), keys(world.ours));
        const auto last = meeting.drive_files.steps() + step;
        meeting.drive_files.fail_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
        std::ignore = meeting.visit();
        const bool reached = meeting.drive_files.steps() > last;
        meeting.store_files.power_cut();
        meeting.drive_files.power_cut();
        EXPECT_EQ(united(meeting.in_store(), meeting.on_drive()), oracle) << step;
        const auto again = meeting.visit();
        ASSERT_TRUE(again.has_value()) << describe(again.error());
        EXPECT_TRUE(includes(meeting.in_store(), oracle)) << step;
        EXPECT_TRUE(includes(meeting.on_drive(), keys(world.ours))) << step;
        if (!reached) break;
    }
}

TEST(DisplacementFaults, PowerCutsAtEveryStepOfTheStoreLoseNothing) {
    for (std::uint64_t step = 0;; ++step) {
        UnsyncedStore world(300 + step);
        auto& meeting = world.meeting;
        const auto oracle = united(keys(meeting.junk), keys(world.ours));
        const auto last = meeting.store_files.steps() + step;
        meeting.store_files.fail_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
        std::ignore = meeting.visit();
        const bool reached = meeting.store_files.steps() > last;
        meeting.store_files.power_cut();
        meeting.drive_files.power_cut();
        EXPECT_EQ(united(meeting.in_store(), meeting.on_drive()), oracle) << step;
        if (!reached) {
            EXPECT_GT(meeting.result.displaced, 0u);
            break;
        }
    }
}

// An error at every step that the drive takes from then on: what went is held, and what could not be written
// is said.
TEST(DisplacementFaults, AnErrorOfTheDriveAtAnyStepIsSaid) {
    for (const int os_error : {EIO, ENOSPC, EROFS}) {
        for (std::uint64_t step = 0;; ++step) {
            FullMeeting meeting(500 + step, 16);
            const auto ours = news(meeting, 5);
            meeting.give_store(ours);
            const auto held_before = meeting.in_store();
            const auto last = meeting.drive_files.steps() + step;
            meeting.drive_files.fail_at(last, {.os_error = os_error, .lasts = io::Fault::Lasts::writes});
            const auto result = meeting.visit();
            const bool reached = meeting.drive_files.steps() > last;
            ASSERT_TRUE(result.has_value()) << os_error << ' ' << step << ' ' << describe(result.error());
            EXPECT_EQ(result->export_error.has_value(), reached) << os_error << ' ' << step;
            EXPECT_EQ(meeting.in_store(), held_before);
            EXPECT_GE(meeting.on_drive().size() + result->displaced, meeting.junk.size());
            meeting.drive_files.clear_faults();
            ASSERT_TRUE(meeting.visit().has_value());
            EXPECT_TRUE(includes(meeting.on_drive(), keys(ours))) << os_error << ' ' << step;
            if (!reached) break;
        }
    }
}

// What clients hand in is written by another thread: the store may fail there while the drive is checked.
TEST(DisplacementFaults, AStoreThatFailsMeanwhileDisplacesNothing) {
    FullMeeting meeting(16);
    meeting.give_store(news(meeting, 5));
    meeting.on_progress = [&](const Progress& progress) {
        if (progress.phase == Phase::checking) meeting.store_failing = true;
    };
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(meeting.store_failing);
    EXPECT_EQ(result->displaced_bundles, 0u);
    EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
    EXPECT_EQ(result->not_exported, 5u);
}

// Where nothing lasts: the room was made, and something else took it before it was used.
TEST(DisplacementFaults, RoomThatIsTakenMeanwhileIsSaid) {
    FullMeeting meeting(14);
    meeting.give_store(news(meeting, 5));
    meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
        if (place.call == Call::sync_directory) meeting.drive_files.set_capacity(1);
        return {};
    };
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->displaced_bundles, 1u);
    EXPECT_EQ(result->exported, 0u);
    EXPECT_EQ(result->not_exported, 5u);
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::no_space);
}

TEST(DisplacementFaults, WhatGoesHasGoneBeforeItsPlaceIsUsed) {
    FullMeeting meeting(15);
    meeting.give_store(news(meeting, 5));
    std::vector<Call> changes;
    meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
        if (place.call == Call::unlink || place.call == Call::create || place.call == Call::sync_directory)
            changes.push_back(place.call);
        return {};
    };
    ASSERT_TRUE(meeting.visit().has_value());
    ASSERT_GE(changes.size(), 3u);
    EXPECT_EQ(changes[0], Call::unlink);
    EXPECT_EQ(changes[1], Call::sync_directory);
    EXPECT_EQ(changes[2], Call::create);
}

}  // namespace
}  // namespace wcmp::sync::test
