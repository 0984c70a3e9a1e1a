// Upkeep of whole directories.
#include "core/limits.h"
#include "sync/upkeep_verify.h"
#include "tidied.h"

#include <cerrno>
#include <map>

namespace wcmp::sync::test {
namespace {

using bundle::test::Call;
using bundle::test::Sample;
using Place = bundle::test::Watch::Place;

TEST(Upkeep, ManyBecomeFewAndNothingIsLost) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Tidied drive(seed);
        const auto before = drive.fill(30);
        ASSERT_TRUE(drive.is_due());
        const auto result = drive.tidy();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_EQ(drive.live(), before) << seed;
        EXPECT_LE(drive.readers().size(), 4U) << seed;
        EXPECT_GE(result->merged, 26U) << seed;
        EXPECT_GT(result->verified_bytes, 0U);
        EXPECT_FALSE(drive.is_due()) << seed;
    }
}

TEST(Upkeep, WhereNothingIsDueNothingIsReadOrWritten) {
    Tidied drive(2);
    put_bundle(*drive.files.root(), bundle::test::sample_messages(drive.random, 30, first_day, 3));
    std::uint64_t reads = 0;
    drive.watch.before = [&](const Place& place) -> Result<void> {
        reads += place.call == Call::read && place.offset > 64 ? 1 : 0;
        return {};
    };
    const auto steps = drive.files.steps();
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(drive.files.steps(), steps);
    EXPECT_EQ(reads, 0U) << "verification alone is no reason";
    EXPECT_EQ(result->verified_bytes, 0U);
}

TEST(Upkeep, DeadDaysLeaveWhenTheyAreAQuarter) {
    for (const std::uint32_t dead : {1U, 4U}) {
        Tidied drive(3);
        auto messages = bundle::test::sample_messages(drive.random, 9, first_day, 2);
        for (auto& message : messages) message = bundle::test::sample_message(drive.random, first_day, 300);
        const auto live = keys(messages);
        for (std::uint32_t i = 0; i < dead; ++i)
            messages.push_back(bundle::test::sample_message(drive.random, dead_day, 300));
        put_bundle(*drive.files.root(), messages);
        EXPECT_EQ(drive.is_due(), dead == 4);
        const auto result = drive.tidy();
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->rewritten, dead == 4 ? 1U : 0U);
        EXPECT_EQ(held(*drive.files.root()).size(), live.size() + (dead == 4 ? 0 : dead));
        EXPECT_EQ(drive.live(), live);
    }
}

TEST(Upkeep, WhatIsInvalidIsLeftOutAndForgiven) {
    Tidied drive(4);
    const auto messages = bundle::test::sample_messages(drive.random, 12, first_day, 3);
    const auto name = drive.put_rotten(messages);
    ASSERT_TRUE(drive.is_due());
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->rewritten, 1U);
    EXPECT_EQ(result->invalid[static_cast<std::size_t>(Errc::bundle)], 1U);
    EXPECT_EQ(held(*drive.files.root()).size(), 11U);
    EXPECT_LE(drive.readers().size(), 2U) << "the damaged file had the first name that the rest would have";
    EXPECT_FALSE(drive.files.root()->open(bundle::to_string(name)).has_value());
    EXPECT_FALSE(drive.memory.distrust.contains(name, bundle::test::sample_bundle(messages).size()));
    EXPECT_FALSE(drive.is_due());
}

// What was thought wrong and is sound keeps its name.
TEST(Upkeep, WhatWasDistrustedForNothingStays) {
    Tidied drive(5);
    const auto messages = bundle::test::sample_messages(drive.random, 12, first_day, 3);
    put_bundle(*drive.files.root(), messages);
    const auto reader = drive.readers().front();
    drive.memory.distrust.add(reader->name(), reader->header().file_bytes);
    ASSERT_TRUE(drive.tidy().has_value());
    EXPECT_EQ(held(*drive.files.root()), keys(messages));
    EXPECT_FALSE(drive.is_due());
}

TEST(Upkeep, AWrongIndexIsSalvaged) {
    Tidied drive(6);
    const auto before = drive.fill(12);
    auto bytes = bundle::test::sample_bundle(bundle::test::sample_messages(drive.random, 9, first_day, 3));
    const auto name = name_of(bytes);
    bytes[64 + 3 * 8 + 40 + 35] ^= 1;  // an offset, under the old hash
    put_file(*drive.files.root(), name, bytes);
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_TRUE(includes(drive.live(), before));
    EXPECT_GE(drive.live().size(), before.size() + 7);
    EXPECT_GE(result->salvaged, 7U);
    EXPECT_FALSE(drive.files.root()->open(name).has_value());
}

TEST(Upkeep, AVanishedInputHidesNoOther) {
    Tidied drive(7);
    drive.fill(12);
    const auto first = bundle::to_string(drive.readers().front()->name());
    const auto before = drive.live();
    int opened = 0;
    drive.watch.before = [&](const Place& place) -> Result<void> {
        if (place.call == Call::open && place.name == first && ++opened > 1)
            return fail(Errc::not_found, "open", ENOENT);
        return {};
    };
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(drive.live(), before);
}

// Another machine may read it: it stays, whole, and the others are merged all the same.
TEST(Upkeep, APlaceThatCannotBeReadStaysWhereItIs) {
    Tidied drive(8);
    const auto before = drive.fill(14);
    const auto broken = bundle::to_string(drive.readers().front()->name());
    drive.watch.before = [&](const Place& place) -> Result<void> {
        if (place.call == Call::read && place.name == broken && place.offset > 64)
            return fail(Errc::io, "read", EIO);
        return {};
    };
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(drive.live(), before);
    EXPECT_TRUE(drive.files.root()->open(broken).has_value());
    EXPECT_EQ(result->unreadable, 1U);
    EXPECT_LE(drive.readers().size(), 5U);
}

// Without it the output would only be one more bundle.
TEST(Upkeep, OneMessageThatCannotBeReadEndsItsMergeAlone) {
    Tidied drive(15);
    for (int i = 0; i < 9; ++i)
        put_bundle(*drive.files.root(), {bundle::test::sample_message(drive.random, first_day, 20'000)});
    const auto before = drive.live();
    const auto readers = drive.readers();
    const auto& victim =
        **std::ranges::min_element(readers, {}, [](const auto& reader) { return reader->name(); });
    const auto broken = bundle::to_string(victim.name());
    const auto last = victim.header().file_bytes - 1;
    drive.watch.before = [&](const Place& place) -> Result<void> {
        const bool touches = place.offset <= last && last < place.offset + place.length;
        if (place.call == Call::read && place.name == broken && touches) return fail(Errc::io, "read", EIO);
        return {};
    };
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(drive.live(), before);
    EXPECT_TRUE(drive.files.root()->open(broken).has_value());
    EXPECT_EQ(result->unreadable, 1U);
    EXPECT_LE(drive.readers().size(), 5U);
}

// Whoever else is making the very same bundle may never finish it.
TEST(Upkeep, InputsStayWhereTheirOutputCouldNotBeMade) {
    Tidied drive(16);
    drive.settings.shared = true;
    std::map<std::string, Sample> by_name;
    for (int i = 0; i < 9; ++i) {
        const auto message = bundle::test::sample_message(drive.random, first_day, 300);
        by_name.emplace(name_of(bundle::test::sample_bundle({message})), message);
        put_bundle(*drive.files.root(), {message});
    }
    const auto before = drive.live();
    // Ties go by name, and six of nine become one.
    auto readers = drive.readers();
    std::ranges::sort(readers, {}, [](const auto& reader) { return reader->name(); });
    std::vector<Sample> merged_messages;
    for (std::size_t i = 0; i < 6; ++i)
        merged_messages.push_back(by_name.at(bundle::to_string(readers[i]->name())));
    put_file(*drive.files.root(), name_of(bundle::test::sample_bundle(merged_messages)), Bytes(64));
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(drive.live(), before);
    EXPECT_EQ(result->left, 6U);
    ASSERT_TRUE(result->error.has_value());
    EXPECT_EQ(result->error->code, Errc::busy);
}

TEST(Upkeep, WithoutRoomNothingIsTouched) {
    Tidied drive(9);
    const auto before = drive.fill(20);
    drive.files.set_capacity(limits::commit_reserve_bytes);
    const auto steps = drive.files.steps();
    EXPECT_FALSE(drive.is_due());
    ASSERT_TRUE(drive.tidy().has_value());
    EXPECT_EQ(drive.files.steps(), steps);
    EXPECT_EQ(drive.live(), before);
}

// A bundle of another's making, larger than what a visit writes in one piece.
TEST(Upkeep, ALargeOneIsRewrittenInPieces) {
    Tidied drive(10);
    std::vector<Sample> messages;
    for (std::uint32_t i = 0; i < limits::piece_copies_max + 10; ++i)
        messages.push_back(bundle::test::sample_message(drive.random, first_day + i % 2, 256));
    const auto name = drive.put_rotten(messages);
    const auto result = drive.tidy();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(drive.readers().size(), 2U);
    EXPECT_EQ(drive.live().size(), messages.size() - 1);
    EXPECT_FALSE(drive.files.root()->open(bundle::to_string(name)).has_value());
}

// In this order: the directory's constant time, then the whole file system.
TEST(Upkeep, ADriveIsSyncedAndTellsNoTime) {
    Tidied drive(13);
    drive.fill(12, 20);
    std::vector<Call> changes;
    drive.watch.before = [&](const Place& place) -> Result<void> {
        const bool harmless = place.call == Call::list || place.call == Call::open ||
                              place.call == Call::read || place.call == Call::other;
        if (!harmless) changes.push_back(place.call);
        return {};
    };
    ASSERT_TRUE(drive.tidy().has_value());
    ASSERT_GT(changes.size(), 2U);
    EXPECT_EQ(changes.back(), Call::sync_file_system);
    EXPECT_EQ(changes[changes.size() - 2], Call::directory_times);
}

// A message that rots is found sooner or later, and named.
TEST(Upkeep, VerificationReadsASixteenthAndFindsWhatIsWrong) {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Tidied drive(seed);
        auto bytes =
            bundle::test::sample_bundle(bundle::test::sample_messages(drive.random, 64, first_day, 1, 300));
        const auto name = bundle::test::open_bytes(bytes)->name();
        const auto all = bytes.size();
        for (std::size_t i = 0; i < 4; ++i) bytes[bytes.size() - 1 - 1500 * i] ^= 1;
        put_file(*drive.files.root(), bundle::to_string(name), bytes);
        const auto verified = verify_some(drive.readers(), drive.random, {});
        ASSERT_TRUE(verified.has_value());
        EXPECT_LE(verified->bytes, all / 16 + 300);
        found += verified->invalid.size() == 1 ? 1 : 0;
    }
    EXPECT_GT(found, 5);
    EXPECT_LT(found, 40);
}

TEST(Upkeep, WhatVerificationFindsIsDueNextTime) {
    bool found = false;
    for (std::uint64_t seed = 1; seed <= 40 && !found; ++seed) {
        Tidied drive(seed);
        drive.fill(12, 20);
        auto bytes =
            bundle::test::sample_bundle(bundle::test::sample_messages(drive.random, 300, first_day, 1, 900));
        const auto name = bundle::test::open_bytes(bytes)->name();
        for (std::size_t at = bytes.size() - 1; at > 20'000; at -= 250) bytes[at] ^= 1;
        put_file(*drive.files.root(), bundle::to_string(name), bytes);
        const auto result = drive.tidy();
        ASSERT_TRUE(result.has_value());
        if (result->found_invalid.empty()) continue;
        found = true;
        EXPECT_EQ(result->found_invalid.front(), name);
        EXPECT_TRUE(drive.memory.distrust.contains(name, bytes.size()));
        EXPECT_TRUE(drive.is_due());
    }
    EXPECT_TRUE(found);
}

// Others write it too: what they may be making stays, and their output is not taken for ours.
TEST(Upkeep, InASharedDirectoryWhatOthersMakeStays) {
    Tidied drive(14);
    drive.settings.shared = true;
    const auto before = drive.fill(12, 20);
    put_file(*drive.files.root(), "20010-20014-" + std::string(32, 'a') + ".wcmp", Bytes(64));
    ASSERT_TRUE(drive.tidy().has_value());
    EXPECT_EQ(drive.live(), before);
    EXPECT_TRUE(drive.files.root()->open("20010-20014-" + std::string(32, 'a') + ".wcmp").has_value());
}

}  // namespace
}  // namespace wcmp::sync::test
