// Drives that fail for good in places, that rot slowly, and from which things vanish.
#include "core/limits.h"
#include "meeting.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync::test {
namespace {

using bundle::test::Call;
using bundle::test::Sample;
using Place = bundle::test::Watch::Place;

std::string put_on_drive(Meeting& meeting, const std::vector<Sample>& messages) {
    const auto bytes = bundle::test::sample_bundle(messages);
    put_file(*meeting.drive_files.root(), name_of(bytes), bytes);
    return name_of(bytes);
}

bool touches(const Place& place, std::string_view name, std::uint64_t byte) {
    return place.call == Call::read && place.name == name && place.offset <= byte &&
           byte < place.offset + place.length;
}

// A sector that never gives anything.
void break_byte(Meeting& meeting, const std::string& name, std::uint64_t byte) {
    meeting.drive_watch.before = [=](const Place& place) -> Result<void> {
        if (touches(place, name, byte)) return fail(Errc::io, "read", EIO);
        return {};
    };
}

TEST(VisitFaults, AnIndexThatCannotBeReadHidesNoOtherBundle) {
    for (const bool read_only : {false, true}) {
        Meeting meeting(1);
        const auto ours = meeting.make(5);
        const auto sound = meeting.make(10);
        const auto theirs = bundle::test::sample_messages(meeting.random, 300, first_day, 1, 300);
        meeting.give_store(ours);
        meeting.give_drive(sound);
        const auto name = put_on_drive(meeting, theirs);
        meeting.drive_files.set_read_only(read_only);
        break_byte(meeting, name, 6000);
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_TRUE(includes(meeting.in_store(), united(keys(ours), keys(sound))));
        // Of the other one, everything that its index still tells.
        EXPECT_GE(meeting.in_store().size(), 5U + 10U + 300U - 128U);
        EXPECT_TRUE(meeting.drive_files.root()->open(name).has_value()) << "it may be read elsewhere";
        if (!read_only) {
            EXPECT_TRUE(includes(meeting.on_drive(), keys(ours)));
        }
        EXPECT_FALSE(meeting.memory.distrust.contains(*bundle::parse_name(name),
                                                      bundle::test::sample_bundle(theirs).size()));

        // What was taken of it goes back to the drive; then there is nothing more to do.
        ASSERT_TRUE(meeting.visit().has_value());
        const auto again = meeting.visit();
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(again->imported + again->exported, 0U);
        EXPECT_EQ(again->bytes_written_store + again->bytes_written_drive, 0U);
    }
}

TEST(VisitFaults, AnIndexThatFailsAtItsSecondReadingHidesNoOtherBundle) {
    Meeting meeting(2);
    const auto sound = meeting.make(10);
    const auto theirs = bundle::test::sample_messages(meeting.random, 300, first_day, 1, 300);
    meeting.give_drive(sound);
    const auto name = put_on_drive(meeting, theirs);
    int readings = 0;
    meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
        if (touches(place, name, 6000) && ++readings > 1) return fail(Errc::io, "read", EIO);
        return {};
    };
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_GT(readings, 1);
    EXPECT_TRUE(includes(meeting.in_store(), keys(sound)));
    EXPECT_GE(meeting.in_store().size(), 10U + 300U - 128U);
}

// One message of each bundle has rotted. Every plan that is thrown away would draw other messages to check.
TEST(VisitFaults, ADriveThatRotsSlowlyIsVisitedAllTheSame) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Meeting meeting(seed);
        std::set<MessageKey> common;
        for (int i = 0; i < 200; ++i) {
            const auto some = bundle::test::sample_messages(meeting.random, 20, first_day, 1, 300);
            meeting.give_store(some);
            auto bytes = bundle::test::sample_bundle(some);
            bytes[64 + 8 + 20 * 40 + 10] ^= 1;
            put_file(*meeting.drive_files.root(), name_of(bytes), bytes);
            common = united(common, keys(some));
        }
        const auto news = meeting.make(6);
        meeting.give_drive(news);
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << seed << describe(result.error());
        EXPECT_EQ(meeting.in_store(), united(common, keys(news))) << seed;
        EXPECT_GT(result->wrong_bundles, 0U) << seed;
        EXPECT_LE(result->wrong_bundles, 200U) << "each is found once";
    }
}

// A bundle is what it is wherever it lies: what was found on one drive counts for the next.
TEST(VisitFaults, WhatIsFoundOutIsRememberedForTheNextVisit) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        Meeting first(seed);
        const auto ours = bundle::test::sample_messages(first.random, 100, first_day, 1, 300);
        const auto sound = bundle::test::sample_bundle(ours);
        constexpr std::size_t messages_at = 64 + 8 + 100 * 40;
        auto all_bad = sound;
        for (std::size_t at = messages_at; at < all_bad.size(); at += 100) all_bad[at] ^= 1;
        put_file(*first.drive_files.root(), name_of(sound), all_bad);
        first.give_store(ours);
        ASSERT_TRUE(first.visit().has_value());
        EXPECT_TRUE(first.memory.distrust.contains(*bundle::parse_name(name_of(sound)), sound.size()));

        first.drive_files = io::MemoryFileSystem(seed + 50);  // another drive
        auto one_bad = sound;
        one_bad[messages_at + 5] ^= 1;
        put_file(*first.drive_files.root(), name_of(sound), one_bad);
        ASSERT_TRUE(first.visit().has_value());
        EXPECT_EQ(first.on_drive(), keys(ours)) << seed;
    }
}

// A drive that is pulled out gives nothing: its bundles are not to blame when it is back.
TEST(VisitFaults, ADriveThatWasPulledOutIsBelievedAgain) {
    Meeting meeting(3);
    const auto common = meeting.make(20);
    meeting.give_store(common);
    const auto name = put_on_drive(meeting, common);
    bool pulled = false;
    meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
        // When claims are checked: behind the index.
        pulled = pulled || (place.call == Call::read && place.name == name && place.offset > 64 + 20 * 40);
        return pulled ? fail(Errc::io, "read", EIO) : Result<void>{};
    };
    std::ignore = meeting.visit();
    EXPECT_TRUE(pulled);
    meeting.drive_watch = {};
    const auto again = meeting.visit();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->exported + again->bytes_written_drive, 0U);
}

// What the salvage needs a name for is in the way, and nobody else is at work: the store takes what is saved.
TEST(VisitFaults, ANameThatIsTakenDoesNotEndTheVisit) {
    for (const bool shared : {false, true}) {
        Meeting meeting(4);
        meeting.settings.shared = shared;
        const auto one = meeting.make(1);
        const auto others = meeting.make(10);
        meeting.give_drive(others);
        const auto bytes = bundle::test::sample_bundle(one);
        put_file(*meeting.drive_files.root(), "20010-20014-" + std::string(32, 'a') + ".wcmp", bytes);
        ASSERT_TRUE(meeting.drive_files.root()->make_directory(name_of(bytes)).has_value());
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_EQ(meeting.in_store(), united(keys(one), keys(others)));
        EXPECT_EQ(result->others_at_work, shared);
        EXPECT_FALSE(result->export_error.has_value());
    }
}

// Good when it was found, bad when it was to be written: the damaged file is all that may still have it.
TEST(VisitFaults, WhatReadsDifferentlyTheSecondTimeIsNotThrownAway) {
    Meeting meeting(5);
    const auto theirs = meeting.make(9);
    const auto name = put_damaged(meeting, theirs);
    const std::uint64_t byte = bundle::test::sample_bundle(theirs).size() - 5;  // of the last message
    int readings = 0;  // to find it, to see whether the file may go, to write it
    meeting.drive_watch.after_read = [&](const Place& place, MutableBytes bytes) {
        if (touches(place, name, byte) && ++readings == 3) bytes[byte - place.offset] ^= 1;
    };
    const auto first = meeting.visit();
    ASSERT_TRUE(first.has_value()) << describe(first.error());
    ASSERT_GE(readings, 3);
    EXPECT_EQ(first->salvaged, 8U);
    EXPECT_EQ(first->lost, 1U);
    EXPECT_TRUE(meeting.drive_files.root()->open(name).has_value());
    ASSERT_TRUE(meeting.visit().has_value());
    EXPECT_EQ(meeting.in_store(), keys(theirs));
    EXPECT_FALSE(meeting.drive_files.root()->open(name).has_value());
}

// A live bundle under the name of a dead one.
TEST(VisitFaults, NothingIsUnlinkedForItsNameAlone) {
    Meeting meeting(6);
    const auto theirs = meeting.make(7);
    const std::string name = "1-2-" + std::string(32, 'a') + ".wcmp";
    put_file(*meeting.drive_files.root(), name, bundle::test::sample_bundle(theirs));
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(meeting.in_store(), keys(theirs));
    EXPECT_EQ(meeting.on_drive(), keys(theirs));
    EXPECT_EQ(result->salvaged, 7U);
    EXPECT_FALSE(meeting.drive_files.root()->open(name).has_value());
}

TEST(VisitFaults, DeadMessagesOfADamagedBundleAreNotWrittenAnew) {
    Meeting meeting(7);
    const auto dead = bundle::test::sample_message(meeting.random, today.floor.number, 300);
    const auto live = bundle::test::sample_message(meeting.random, first_day, 300);
    put_damaged(meeting, {dead, live});
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->salvaged, 1U);
    EXPECT_EQ(meeting.on_drive(), keys({live}));
}

// The drive, or the store, has room for what is new and not for what would be absorbed with it.
TEST(VisitFaults, WhatIsNewFitsWithoutAbsorption) {
    for (const bool to_drive : {true, false}) {
        Meeting meeting(8);
        const auto news = bundle::test::sample_messages(meeting.random, 300, first_day, 1, 900);
        auto& files = to_drive ? meeting.drive_files : meeting.store_files;
        std::uint64_t used = 0;
        for (int i = 0; i < 8; ++i) {
            const auto old = bundle::test::sample_messages(meeting.random, 80, first_day, 1, 900);
            put_bundle(*files.root(), old);
            used += bundle::test::sample_bundle(old).size();
        }
        put_bundle(*(to_drive ? meeting.store_files : meeting.drive_files).root(), news);
        const auto new_bytes = bundle::test::sample_bundle(news).size();
        files.set_capacity(used + 8 * 512 + limits::commit_reserve_bytes + new_bytes + new_bytes / 20);
        if (!to_drive) meeting.room = new_bytes;
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value());
        EXPECT_TRUE(includes(held(*files.root()), keys(news))) << to_drive;
        EXPECT_EQ(to_drive ? result->exported : result->imported, 300U);
    }
}

TEST(VisitFaults, WhatADriveKeepsFreeStaysFree) {
    Meeting meeting(9);
    meeting.give_store(bundle::test::sample_messages(meeting.random, 400, first_day, 1, 900));
    constexpr std::uint64_t kept = 300'000;
    meeting.settings.drive_keep_free_bytes = kept;
    meeting.drive_files.set_capacity(limits::commit_reserve_bytes + kept + 100'000);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_GT(result->exported, 20U);
    EXPECT_GT(result->not_exported, 20U);
    const auto space = meeting.drive_files.root()->space();
    ASSERT_TRUE(space.has_value());
    EXPECT_GE(space->free_bytes, kept + limits::commit_reserve_bytes);
}

// Another relay merges a bundle away while this one reads: the rest is imported, and what it became.
TEST(VisitFaults, AnInputThatVanishesIsPlannedAround) {
    for (const bool while_planned : {false, true}) {
        for (const int os_error : {ESTALE, ENOENT}) {
            Meeting meeting(10);
            const auto sound = meeting.make(10);
            const auto theirs = bundle::test::sample_messages(meeting.random, 3, first_day, 1, 300'000);
            meeting.give_drive(sound);
            const auto name = put_on_drive(meeting, theirs);
            const std::uint64_t byte = while_planned ? 64 + 8 + 39 : 64 + 8 + 3 * 40 + 200;
            bool gone = false;
            int openings = 0;
            meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
                if (place.call == Call::open && place.name == name) ++openings;
                // The first reading of a bundle takes its index with it.
                if (touches(place, name, byte) && place.offset > 0 && !gone) {
                    gone = true;
                    std::ignore = meeting.drive_files.root()->unlink(name);
                    auto others = theirs;
                    others.push_back(bundle::test::sample_message(meeting.random, first_day, 300));
                    meeting.give_drive(others);
                }
                if (gone && place.call == Call::read && place.name == name)
                    return std::unexpected(error_from_errno("read", os_error));
                return {};
            };
            const auto result = meeting.visit();
            ASSERT_TRUE(gone);
            ASSERT_TRUE(result.has_value()) << describe(result.error());
            EXPECT_EQ(meeting.in_store().size(), 14U) << while_planned << os_error;
            EXPECT_TRUE(includes(meeting.in_store(), united(keys(sound), keys(theirs))));
            EXPECT_EQ(openings, 1);
        }
    }
}

// Not for ever: a directory in which this happens all the time is visited another time.
TEST(VisitFaults, WhatVanishesAgainAndAgainEndsTheVisit) {
    Meeting meeting(11);
    put_on_drive(meeting, bundle::test::sample_messages(meeting.random, 3, first_day, 1, 300'000));
    int lists = 0;
    meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
        if (place.call == Call::list) ++lists;
        if (place.call == Call::read && place.offset > 0) return fail(Errc::io, "read", ESTALE);
        return {};
    };
    const auto result = meeting.visit();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().os_error, ESTALE);
    EXPECT_EQ(lists, 4);
}

// Whatever later calls would say: what was written may be gone, and a sync that succeeds proves nothing.
TEST(VisitFaults, AfterAnErrorOfTheDriveNothingMoreIsWrittenToIt) {
    for (const bool before_export : {false, true}) {
        for (std::uint64_t step = 0;; ++step) {
            Meeting meeting(12);
            const auto oracle = fill(meeting, 4);
            if (before_export) put_damaged(meeting, meeting.make(4));
            std::uint64_t changes = 0;
            std::uint64_t after = 0;
            meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
                const bool harmless = place.call == Call::list || place.call == Call::open ||
                                      place.call == Call::read || place.call == Call::other;
                if (harmless) return {};
                const auto now = changes++;
                if (now == step) return fail(Errc::io, "write", EIO);
                after += now > step && place.call != Call::unlink ? 1 : 0;
                return {};
            };
            const auto result = meeting.visit();
            ASSERT_TRUE(result.has_value()) << step << describe(result.error());
            EXPECT_TRUE(includes(meeting.in_store(), oracle)) << step;
            EXPECT_EQ(after, 0U) << before_export << ' ' << step;
            EXPECT_EQ(result->export_error.has_value(), changes > step);
            if (changes <= step) break;
        }
    }
}

// In this order: the directory's constant time, then the whole file system.
TEST(VisitFaults, AtTheEndADriveIsSyncedAndTellsNoTime) {
    Meeting meeting(13);
    fill(meeting, 4);
    std::vector<Call> changes;
    meeting.drive_watch.before = [&](const Place& place) -> Result<void> {
        const bool harmless = place.call == Call::list || place.call == Call::open ||
                              place.call == Call::read || place.call == Call::other;
        if (!harmless) changes.push_back(place.call);
        return {};
    };
    ASSERT_TRUE(meeting.visit().has_value());
    ASSERT_GT(changes.size(), 2U);
    EXPECT_EQ(changes.back(), Call::sync_file_system);
    EXPECT_EQ(changes[changes.size() - 2], Call::directory_times);
    changes.clear();
    ASSERT_TRUE(meeting.visit().has_value());
    EXPECT_TRUE(changes.empty()) << "an unchanged drive is not touched";
}

}  // namespace
}  // namespace wcmp::sync::test
