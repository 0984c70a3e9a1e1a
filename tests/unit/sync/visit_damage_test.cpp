// Damaged bundles, lying bundles, and media that fail in places.
#include "core/limits.h"
#include "meeting.h"

#include <algorithm>

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

// A sound bundle over entries that are not true: these keys, with a length of one's own choice.
void put_false_claims(Meeting& meeting, const std::vector<Sample>& messages, std::uint32_t length) {
    std::vector<MessageKey> claimed;
    for (const auto& message : messages) claimed.push_back(message.key);
    const auto bytes = bundle::test::hollow_bundle(claimed, length);
    put_file(*meeting.drive_files.root(), name_of(bytes), bytes);
}

TEST(VisitDamage, ADamagedBundleIsReplacedByWhatIsSaved) {
    Meeting meeting(1);
    const auto theirs = meeting.make(9);
    put_damaged(meeting, theirs);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->salvaged, 9U);
    EXPECT_EQ(result->lost, 0U);
    EXPECT_EQ(result->wrong_bundles, 1U);
    EXPECT_EQ(meeting.in_store(), keys(theirs));
    EXPECT_EQ(meeting.on_drive(), keys(theirs));
    EXPECT_EQ(count_files(*meeting.drive_files.root()), 2U);  // its name was taken: in halves
    const auto again = meeting.visit();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->salvaged + again->bytes_written_drive + again->bytes_written_store, 0U);
}

TEST(VisitDamage, OnAReadOnlyDriveWhatIsSavedGoesIntoTheStore) {
    Meeting meeting(2);
    const auto ours = meeting.make(4);
    const auto theirs = meeting.make(9);
    const auto sound = meeting.make(3);
    meeting.give_store(ours);
    meeting.give_drive(sound);
    put_damaged(meeting, theirs);
    meeting.drive_files.set_read_only(true);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(meeting.in_store(), united(united(keys(ours), keys(theirs)), keys(sound)));
    EXPECT_EQ(meeting.arrived, united(keys(theirs), keys(sound)));
    EXPECT_EQ(result->salvaged, 9U);
    EXPECT_EQ(result->imported, 12U);
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::read_only);
    const auto again = meeting.visit();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->imported + again->bytes_written_store, 0U);
}

TEST(VisitDamage, OnAReadOnlyDriveWhatIsDeadIsNotTouched) {
    Meeting meeting(2);
    const auto dead = bundle::test::sample_message(meeting.random, today.floor.number);
    meeting.give_drive({dead});
    meeting.drive_files.set_read_only(true);
    const auto steps = meeting.drive_files.steps();
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::read_only);
    EXPECT_EQ(meeting.drive_files.steps(), steps);
    EXPECT_EQ(count_files(*meeting.drive_files.root()), 1U);
}

TEST(VisitDamage, OnAFullDriveWhatIsSavedGoesIntoTheStore) {
    Meeting meeting(3);
    const auto theirs = meeting.make(9);
    put_damaged(meeting, theirs);
    meeting.drive_files.set_capacity(limits::commit_reserve_bytes);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(meeting.in_store(), keys(theirs));
    EXPECT_EQ(count_files(*meeting.drive_files.root()), 1U);
}

TEST(VisitDamage, WhatTheRulesRefuseIsNotRescued) {
    Meeting meeting(4);
    put_damaged(meeting, meeting.make(9));
    meeting.drive_files.set_read_only(true);
    meeting.settings.admission.message_bytes_max = 100;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(meeting.in_store().empty());
    EXPECT_EQ(result->refused[static_cast<std::size_t>(message::Verdict::too_large)], 9U);
}

// By the same rules as what is imported: what is evicted, then what the share does not cover.
TEST(VisitDamage, WhatTheStoreWouldEvictIsNotRescued) {
    Meeting meeting(15);
    const auto theirs = meeting.make(200);
    put_damaged(meeting, theirs);
    meeting.drive_files.set_read_only(true);
    meeting.retention = {.rank = [](const MessageId& id) { return std::uint64_t{id.bytes[0]}; },
                         .threshold = 128};
    meeting.share = 20'000;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    const auto evicted = result->refused[static_cast<std::size_t>(message::Verdict::evicted)];
    EXPECT_GT(evicted, 60U);
    EXPECT_GT(result->refused_import_share, 30U);
    EXPECT_GT(meeting.in_store().size(), 10U);
    EXPECT_EQ(evicted + result->refused_import_share + meeting.in_store().size(), 200U);
    std::uint8_t highest_in = 0;
    for (const auto& key : meeting.in_store()) highest_in = std::max(highest_in, key.id.bytes[0]);
    EXPECT_LT(highest_in, 100) << "the lowest ranks";
}

TEST(VisitDamage, WhatHasNoRoomIsNotRescued) {
    Meeting meeting(5);
    put_damaged(meeting, meeting.make(9));
    meeting.drive_files.set_read_only(true);
    meeting.room = 2000;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_GE(result->refused_store_full, 1U);
    EXPECT_EQ(result->refused_store_full + meeting.in_store().size(), 9U);
}

// The space that a commit leaves free was there when the room was asked for, and is gone.
TEST(VisitDamage, WhatADiskThatIsFullKeepsOutOfARescueIsCounted) {
    Meeting meeting(17);
    const auto messages = meeting.make(9);
    put_damaged(meeting, messages);
    meeting.drive_files.set_read_only(true);
    meeting.store_files.set_capacity(limits::commit_reserve_bytes);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->imported, 0U);
    EXPECT_EQ(result->refused_store_full, 9U);
    EXPECT_TRUE(meeting.in_store().empty());
}

// The first of them finds that there is no room: what the others would give is missing as well.
TEST(VisitDamage, WhatADiskThatIsFullKeepsOutIsCountedInEachDamagedBundle) {
    Meeting meeting(18);
    for (const std::size_t count : {9U, 5U, 1U}) put_damaged(meeting, meeting.make(count));
    meeting.drive_files.set_read_only(true);
    meeting.store_files.set_capacity(limits::commit_reserve_bytes);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->salvaged, 15U);
    EXPECT_EQ(result->imported, 0U);
    EXPECT_EQ(result->refused_store_full, 15U);
}

// The store has a damaged file of the name that comes in, so that is cut in two, and its disk takes one of
// them: this one is the store's at once, whether it came from a sound bundle or from a damaged one.
TEST(VisitDamage, WhatWasCommittedBeforeTheDiskWasFullHasComeIn) {
    for (const bool rescued : {false, true}) {
        Meeting meeting(19);
        const auto theirs = bundle::test::sample_messages(meeting.random, 9, first_day, 1, 30'000);
        auto bytes = bundle::test::sample_bundle(theirs);
        auto damaged = bytes;
        damaged[header_and_hash] ^= 1;
        put_file(*meeting.store_files.root(), name_of(bytes), damaged);
        put_file(*meeting.drive_files.root(), name_of(bytes), rescued ? damaged : bytes);
        meeting.drive_files.set_read_only(rescued);
        meeting.store_files.set_capacity(bytes.size() + limits::commit_reserve_bytes + bytes.size() * 3 / 4);
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_EQ(result->imported, 5U) << rescued;
        EXPECT_EQ(result->refused_store_full, 4U) << rescued;
        EXPECT_EQ(meeting.arrived.size(), 5U) << rescued;
    }
}

// Larger than what is read in vain: what comes after it is left for a person to look at.
TEST(VisitDamage, OnAReadOnlyDriveOnlySoMuchIsReadInVain) {
    Meeting meeting(14);
    std::vector<MessageKey> claimed;
    for (int i = 0; i < 70; ++i)
        claimed.push_back({.day = {first_day}, .id = bundle::test::random_id(meeting.random)});
    auto bytes = bundle::test::hollow_bundle(claimed, 1'000'000);
    const auto name = name_of(bytes);
    bytes[header_and_hash] ^= 1;
    put_file(*meeting.drive_files.root(), name, bytes);
    put_file(*meeting.drive_files.root(), "20010-20011-" + std::string(32, 'a') + ".wcmp", bytes);
    const auto sound = meeting.make(3);
    meeting.give_drive(sound);
    meeting.drive_files.set_read_only(true);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->damaged_left, 2U);
    EXPECT_EQ(result->lost, 68U);  // 64 MiB of the first
    EXPECT_EQ(result->wrong_bundles, 2U);
    EXPECT_EQ(meeting.in_store(), keys(sound));
}

TEST(VisitDamage, TheRescueStopsWhenItIsTold) {
    Meeting meeting(6);
    put_damaged(meeting, meeting.make(9));
    meeting.drive_files.set_read_only(true);
    meeting.on_progress = [&](const Progress& progress) {
        if (progress.phase == Phase::importing) meeting.stop.request_stop();
    };
    meeting.stop.request_stop();
    const auto result = meeting.visit();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::cancelled);
    EXPECT_TRUE(meeting.in_store().empty());
}

// Every reading of a drive with a damaged bundle fails once: nothing good is lost, and nothing hides the
// rest.
TEST(VisitDamage, APlaceThatCannotBeReadOnceHarmsNothing) {
    for (const bool read_only : {false, true}) {
        for (std::uint64_t read = 0;; ++read) {
            Meeting meeting(7);
            const auto theirs = meeting.make(6);
            const auto sound = meeting.make(3);
            meeting.give_drive(sound);
            put_damaged(meeting, theirs);
            meeting.drive_files.set_read_only(read_only);
            const auto last = meeting.drive_files.reads() + read;
            meeting.drive_files.fail_read_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::once});
            std::ignore = meeting.visit();
            const bool reached = meeting.drive_files.reads() > last;
            EXPECT_TRUE(includes(united(keys(theirs), keys(sound)), meeting.in_store())) << read;
            meeting.drive_files.clear_faults();
            const auto again = meeting.visit();
            ASSERT_TRUE(again.has_value()) << read << describe(again.error());
            EXPECT_EQ(meeting.in_store(), united(keys(theirs), keys(sound))) << read_only << ' ' << read;
            if (!reached) break;
        }
    }
}

// Its index is in order, so only the lengths say that one of the two lies.
TEST(VisitDamage, AFalseLengthHidesNoHonestCopy) {
    for (const std::uint32_t length : {39U, 300U, 5000U}) {
        Meeting meeting(8);
        const auto theirs = meeting.make(8);
        meeting.give_drive(theirs);
        put_false_claims(meeting, theirs, length);
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_EQ(meeting.in_store(), keys(theirs)) << length;
    }
}

TEST(VisitDamage, FalseClaimsAloneBringNothing) {
    Meeting meeting(9);
    const auto ours = meeting.make(4);
    meeting.give_store(ours);
    put_false_claims(meeting, meeting.make(8), 300);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(meeting.in_store(), keys(ours));
    EXPECT_EQ(meeting.on_drive(), keys(ours));
    EXPECT_EQ(result->imported, 0U);
    std::uint64_t invalid = 0;
    for (const auto count : result->invalid) invalid += count;
    EXPECT_EQ(invalid, 8U);
}

// The claims of a bundle that was found out do not count at later visits either, while it is there.
TEST(VisitDamage, ALiarIsRemembered) {
    Meeting meeting(10);
    const auto ours = meeting.make(8);
    meeting.give_store(ours);
    auto bytes = bundle::test::sample_bundle(ours);
    for (std::size_t i = bytes.size() - 3; i < bytes.size(); ++i) bytes[i] ^= 1;
    put_file(*meeting.drive_files.root(), name_of(bytes), bytes);
    for (int visits = 0; visits < 8; ++visits) ASSERT_TRUE(meeting.visit().has_value());
    EXPECT_EQ(meeting.on_drive(), keys(ours));
}

TEST(VisitDamage, AMessageThatCannotBeReadIsLeftOutAndHidesNoOther) {
    bool met = false;
    for (std::uint64_t read = 0;; ++read) {
        Meeting meeting(11);
        auto theirs = meeting.make(5);
        for (std::uint32_t large = 0; large < 3; ++large)  // too large to be read ahead, and tried once only
            theirs.push_back(bundle::test::sample_message(meeting.random, first_day + large, 300'000));
        meeting.give_drive(theirs);
        const auto last = meeting.drive_files.reads() + read;
        meeting.drive_files.fail_read_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::once});
        const auto result = meeting.visit();
        const bool reached = meeting.drive_files.reads() > last;
        if (result && result->unreadable > 0) {
            EXPECT_EQ(meeting.in_store().size() + result->unreadable, theirs.size()) << read;
            met = true;
        }
        meeting.drive_files.clear_faults();
        const auto again = meeting.visit();
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(meeting.in_store(), keys(theirs)) << read;
        EXPECT_EQ(meeting.on_drive(), keys(theirs)) << read;
        if (!reached) break;
    }
    EXPECT_TRUE(met);
}

// A damaged file that grew out of another's write, under a name of the future: not ours to touch.
TEST(VisitDamage, AFormatOfTheFutureIsLeftAlone) {
    Meeting meeting(12);
    auto bytes = bundle::test::sample_bundle(meeting.make(3));
    const auto name = name_of(bytes);
    bytes[7] = '2';
    put_file(*meeting.drive_files.root(), name, bytes);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->unknown_format, 1U);
    EXPECT_TRUE(meeting.in_store().empty());
    EXPECT_TRUE(meeting.drive_files.root()->open(name).has_value());
}

TEST(VisitDamage, VoidFilesAreUnlinked) {
    Meeting meeting(13);
    const auto theirs = bundle::test::sample_bundle(meeting.make(3));
    for (const std::size_t size : {std::size_t{0}, std::size_t{64}, theirs.size()}) {
        put_file(*meeting.drive_files.root(), name_of(theirs), Bytes(size));
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_EQ(count_files(*meeting.drive_files.root()), 0U) << size;
    }
}

}  // namespace
}  // namespace wcmp::sync::test
