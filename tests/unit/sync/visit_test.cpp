// A visit as a whole, against plain sets.
#include "bundle/name.h"
#include "meeting.h"

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

TEST(Visit, BothSidesHoldTheUnion) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Meeting meeting(seed);
        const auto oracle = fill(meeting, 1 + seed % 6);
        const auto before = meeting.in_store();
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << seed << ' ' << describe(result.error());
        EXPECT_FALSE(result->export_error.has_value()) << seed;
        EXPECT_EQ(meeting.in_store(), oracle) << seed;
        EXPECT_EQ(meeting.on_drive(), oracle) << seed;
        EXPECT_EQ(result->imported, oracle.size() - before.size()) << seed;
    }
}

TEST(Visit, RepeatedItWritesNothing) {
    for (const bool shared : {false, true}) {
        Meeting meeting(7);
        meeting.settings.shared = shared;
        fill(meeting, 4);
        ASSERT_TRUE(meeting.visit().has_value());
        const auto steps = std::pair(meeting.store_files.steps(), meeting.drive_files.steps());
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->bytes_written_store + result->bytes_written_drive, 0U);
        EXPECT_EQ(std::pair(meeting.store_files.steps(), meeting.drive_files.steps()), steps);
    }
}

TEST(Visit, PowerCutsAtEveryStepLoseNothing) {
    for (const bool on_drive : {false, true}) {
        for (std::uint64_t step = 0;; ++step) {
            Meeting meeting(100 + step);
            const auto oracle = fill(meeting, 4);
            const auto store_before = meeting.in_store();
            const auto drive_before = meeting.on_drive();
            auto& files = on_drive ? meeting.drive_files : meeting.store_files;
            const auto last = files.steps() + step;
            files.fail_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            const auto result = meeting.visit();
            const bool reached = files.steps() > last;
            const auto arrived = meeting.arrived;
            meeting.store_files.power_cut();
            meeting.drive_files.power_cut();
            EXPECT_TRUE(includes(meeting.in_store(), united(store_before, arrived))) << on_drive << step;
            EXPECT_TRUE(includes(meeting.on_drive(), drive_before)) << on_drive << ' ' << step;
            if (result && !result->export_error) {
                EXPECT_TRUE(includes(meeting.on_drive(), oracle)) << on_drive << step;
            }
            const auto again = meeting.visit();
            ASSERT_TRUE(again.has_value()) << on_drive << ' ' << step << ' ' << describe(again.error());
            EXPECT_EQ(meeting.in_store(), oracle) << on_drive << ' ' << step;
            EXPECT_EQ(meeting.on_drive(), oracle) << on_drive << ' ' << step;
            if (!reached) break;
        }
    }
}

TEST(Visit, AnErrorOfTheDriveOnceOrForeverStopsNoImport) {
    for (const int os_error : {EIO, ENOSPC, EROFS}) {
        for (std::uint64_t step = 0;; ++step) {
            Meeting meeting(300 + step);
            const auto oracle = fill(meeting, 4);
            const auto last = meeting.drive_files.steps() + step;
            meeting.drive_files.fail_at(last, {.os_error = os_error, .lasts = io::Fault::Lasts::writes});
            const auto result = meeting.visit();
            const bool reached = meeting.drive_files.steps() > last;
            ASSERT_TRUE(result.has_value()) << os_error << ' ' << step << ' ' << describe(result.error());
            EXPECT_EQ(meeting.in_store(), oracle) << os_error << ' ' << step;
            EXPECT_EQ(result->export_error.has_value(), reached) << os_error << ' ' << step;
            if (!reached) break;
        }
    }
}

TEST(Visit, ADriveThatVanishesWhileItIsReadHarmsNothing) {
    for (std::uint64_t read = 0;; ++read) {
        Meeting meeting(500);
        const auto oracle = fill(meeting, 4);
        const auto before = meeting.in_store();
        const auto last = meeting.drive_files.reads() + read;
        meeting.drive_files.fail_read_at(last, {.os_error = ENODEV, .lasts = io::Fault::Lasts::all});
        std::ignore = meeting.visit();
        const bool reached = meeting.drive_files.reads() > last;
        meeting.drive_files.clear_faults();
        EXPECT_TRUE(includes(meeting.in_store(), before)) << read;
        const auto again = meeting.visit();
        ASSERT_TRUE(again.has_value()) << read;
        EXPECT_EQ(meeting.in_store(), oracle) << read;
        EXPECT_EQ(meeting.on_drive(), oracle) << read;
        if (!reached) break;
    }
}

TEST(Visit, AReadOnlyDriveIsImportedFrom) {
    Meeting meeting(9);
    const auto oracle = fill(meeting, 4);
    meeting.drive_files.set_read_only(true);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(meeting.in_store(), oracle);
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::read_only);
}

TEST(Visit, AFullStoreImportsNothingAndStillExports) {
    Meeting meeting(10);
    const auto oracle = fill(meeting, 4);
    const auto before = meeting.in_store();
    meeting.room = 0;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(meeting.in_store(), before);
    EXPECT_EQ(result->refused_store_full, oracle.size() - before.size());
    EXPECT_EQ(meeting.on_drive(), oracle);
}

// Ranks that everybody can see: the first bytes of the id.
Retention by_first_bytes(std::uint64_t threshold) {
    return {.rank =
                [](const MessageId& id) {
                    std::uint64_t rank = 0;
                    for (int i = 0; i < 8; ++i) rank = rank << 8 | id.bytes[static_cast<std::size_t>(i)];
                    return rank;
                },
            .threshold = threshold};
}

TEST(Visit, WhatTheStoreWouldEvictIsNotImportedAndStillExported) {
    Meeting meeting(21);
    const auto theirs = meeting.make(60);
    const auto ours = meeting.make(20);
    meeting.give_drive(theirs);
    meeting.give_store(ours);
    constexpr std::uint64_t threshold = std::uint64_t{1} << 63;
    meeting.retention = by_first_bytes(threshold);
    std::set<MessageKey> wanted = keys(ours);
    for (const auto& message : theirs)
        if (meeting.retention.rank(message.key.id) < threshold) wanted.insert(message.key);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(meeting.in_store(), wanted);
    EXPECT_EQ(result->refused[static_cast<std::size_t>(message::Verdict::evicted)], 80 - wanted.size());
    EXPECT_EQ(result->refused_store_full + result->refused_import_share, 0U);
    EXPECT_EQ(meeting.on_drive(), united(keys(theirs), keys(ours))) << "whatever their rank";
    const auto again = meeting.visit();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->imported, 0U);
}

TEST(Visit, WhatTheShareDoesNotCoverIsLeftOutFromTheHighestRankDown) {
    Meeting meeting(22);
    const auto theirs = bundle::test::sample_messages(meeting.random, 400, first_day, 1, 300);
    meeting.give_drive(theirs);
    meeting.retention = by_first_bytes(std::uint64_t{3} << 62);
    meeting.share = 40'000;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_GT(result->imported, 60U);
    EXPECT_LE(result->imported_bytes, meeting.share);
    const auto evicted = result->refused[static_cast<std::size_t>(message::Verdict::evicted)];
    EXPECT_EQ(result->imported + result->refused_import_share + evicted, 400U);
    EXPECT_EQ(result->refused_store_full, 0U);
    std::uint64_t highest_in = 0, lowest_out = ~std::uint64_t{0};
    for (const auto& message : theirs) {
        const auto rank = meeting.retention.rank(message.key.id);
        if (meeting.in_store().contains(message.key))
            highest_in = std::max(highest_in, rank);
        else
            lowest_out = std::min(lowest_out, rank);
    }
    EXPECT_LT(highest_in, lowest_out);
}

TEST(Visit, AStopLeavesBothSidesWhole) {
    Meeting meeting(11);
    fill(meeting, 4);
    const auto before = meeting.in_store();
    meeting.stop.request_stop();
    const auto result = meeting.visit();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::cancelled);
    EXPECT_EQ(meeting.in_store(), before);
}

// A bundle of the drive with one byte changed: everything that is good on either side survives.
TEST(Visit, AChangedByteCostsAtMostItsOwnMessage) {
    SeededRandom sampler(12);
    const auto theirs = bundle::test::sample_messages(sampler, 4, first_day, 2, 300);
    const auto bytes = bundle::test::sample_bundle(theirs);
    const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    for (std::size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 37) {
        Meeting meeting(12);
        const auto ours = meeting.make(5);
        meeting.give_store(ours);
        auto changed = bytes;
        changed[at] ^= 0x40;
        put_file(*meeting.drive_files.root(), name, changed);
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << at << ' ' << describe(result.error());
        EXPECT_TRUE(includes(meeting.in_store(), keys(ours))) << at;
        EXPECT_TRUE(includes(meeting.on_drive(), keys(ours))) << at;
        EXPECT_TRUE(includes(meeting.on_drive(), meeting.in_store())) << at;
        if (at >= 64 + 16 + 4 * 40) {
            EXPECT_GE(meeting.in_store().size(), keys(ours).size() + 3) << at;
        }
    }
}

TEST(Visit, ABundleCutAnywhereHarmsNothing) {
    SeededRandom sampler(13);
    const auto theirs = bundle::test::sample_messages(sampler, 4, first_day, 2, 300);
    const auto bytes = bundle::test::sample_bundle(theirs);
    const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    for (std::size_t length = 0; length < bytes.size(); length += length < 70 ? 1 : 13) {
        Meeting meeting(13);
        const auto ours = meeting.make(5);
        meeting.give_store(ours);
        put_file(*meeting.drive_files.root(), name, ByteView(bytes).first(length));
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << length << ' ' << describe(result.error());
        EXPECT_EQ(meeting.in_store(), keys(ours)) << length;
        EXPECT_EQ(meeting.on_drive(), keys(ours)) << length;
    }
}

// Bundles that claim to hold what the store holds, over other bytes: what they claim is exported all the
// same.
TEST(Visit, ALiarsClaimsDoNotStopTheExport) {
    Meeting meeting(14);
    const auto ours = meeting.make(6);
    meeting.give_store(ours);
    auto bytes = bundle::test::sample_bundle(ours);
    const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    for (std::size_t i = 64 + 40 * ours.size() + 8 * 5; i < bytes.size(); ++i) bytes[i] ^= 1;
    put_file(*meeting.drive_files.root(), name, bytes);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->wrong_bundles, 1U);
    EXPECT_EQ(meeting.in_store(), keys(ours));
    EXPECT_EQ(meeting.on_drive(), keys(ours));
}

TEST(Visit, ForeignFilesAreLeftAlone) {
    Meeting meeting(15);
    const auto oracle = fill(meeting, 4);
    const Bytes text{'h', 'e', 'l', 'l', 'o'};
    put_file(*meeting.drive_files.root(), "photo.jpg", text);
    ASSERT_TRUE(meeting.drive_files.root()->make_directory("holiday").has_value());
    ASSERT_TRUE(meeting.visit().has_value());
    EXPECT_EQ(meeting.on_drive(), oracle);
    const auto kept = meeting.drive_files.root()->open("photo.jpg");
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ((*kept)->status()->size, text.size());
    EXPECT_TRUE(meeting.drive_files.root()->open_directory("holiday").has_value());
}

}  // namespace
}  // namespace wcmp::sync::test
