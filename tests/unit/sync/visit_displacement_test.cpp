// Visits to drives that are full: what is new gets on them, and nothing goes that the store would not bring
// back.
#include "full_drive.h"
#include "sync/plan.h"

#include <algorithm>

namespace wcmp::sync::test {
namespace {

using bundle::test::Call;
using bundle::test::Sample;
using Place = bundle::test::Watch::Place;

// What the indexes tell of it: who has a message that the store lacks, or has with another length.
TEST(VisitDisplacement, ThePlanSaysWhatTheStoreLacks) {
    SeededRandom random(1);
    const auto common = bundle::test::sample_messages(random, 6, first_day, 2);
    auto more = common;
    more.push_back(bundle::test::sample_message(random, first_day));
    auto dead_too = common;
    dead_too.push_back(bundle::test::sample_message(random, today.floor.number));
    std::vector<MessageKey> claimed;
    for (const auto& message : common) claimed.push_back(message.key);
    const auto opened = [](auto bytes) { return bundle::test::open_bytes(std::move(bytes)); };
    const Readers store{opened(bundle::test::sample_bundle(common))};
    const Readers drive{
        opened(bundle::test::sample_bundle(common)), opened(bundle::test::sample_bundle(more)),
        opened(bundle::test::sample_bundle(dead_too)), opened(bundle::test::hollow_bundle(claimed, 300)),
        opened(bundle::test::hollow_bundle(claimed, 40))};
    const auto plan = make_plan({.store = store,
                                 .drive = drive,
                                 .distrusted = std::vector<bool>(drive.size()),
                                 .today = today,
                                 .buffer_bytes = std::size_t{1} << 20},
                                random, {});
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->lacking_in_store, (std::vector<bool>{false, true, false, true, false}));
}

TEST(VisitDisplacement, WhatIsNewGetsOnAFullDrive) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        FullMeeting meeting(seed);
        const auto ours = news(meeting, 5);
        meeting.give_store(ours);
        const auto before = meeting.in_store();
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_FALSE(result->export_error.has_value());
        EXPECT_EQ(result->exported, 5u);
        EXPECT_EQ(result->not_exported, 0u);
        EXPECT_EQ(result->displaced_bundles, 1u) << "one has room for five messages";
        EXPECT_EQ(result->displaced, 10u);
        EXPECT_TRUE(includes(meeting.on_drive(), keys(ours)));
        EXPECT_EQ(meeting.on_drive().size(), meeting.junk.size() - 10 + 5);
        EXPECT_EQ(meeting.in_store(), before);
    }
}

TEST(VisitDisplacement, NoMoreThanAnEighthGoesForMuchThatIsNew) {
    FullMeeting meeting(2);
    const auto ours = news(meeting, 600);
    meeting.give_store(ours);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->displaced_bundles, 5u) << "of 40";
    EXPECT_EQ(result->displaced, 50u);
    EXPECT_EQ(result->exported + result->not_exported, 600u);
    EXPECT_GT(result->exported, 30u);
    EXPECT_LE(result->bytes_written_drive, meeting.drive_bytes / 8 + 512);
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::no_space);
    EXPECT_EQ(meeting.on_drive().size(), meeting.junk.size() - 50 + result->exported);
}

// What the drive brings in this visit is held by the time it is displaced.
TEST(VisitDisplacement, WhatCameInJustNowIsHeld) {
    Meeting meeting(3);
    std::vector<Sample> theirs;
    for (int i = 0; i < 40; ++i) {
        const auto some = news(meeting, 10);
        meeting.give_drive(some);
        theirs.insert(theirs.end(), some.begin(), some.end());
    }
    const auto ours = news(meeting, 5);
    meeting.give_store(ours);
    fill_up(meeting);
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(result->imported, theirs.size());
    EXPECT_EQ(result->displaced_bundles, 1u);
    EXPECT_EQ(meeting.in_store(), united(keys(theirs), keys(ours)));
    EXPECT_TRUE(includes(meeting.on_drive(), keys(ours)));
}

TEST(VisitDisplacement, OnlyWithLeaveAndNotWhereOthersWrite) {
    for (const bool shared : {false, true}) {
        FullMeeting meeting(4);
        meeting.settings.shared = shared;
        meeting.settings.may_displace = shared;
        meeting.give_store(news(meeting, 5));
        const auto steps = meeting.drive_files.steps();
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(result->displaced_bundles, 0u);
        EXPECT_EQ(result->not_exported, 5u);
        EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
        EXPECT_EQ(meeting.drive_files.steps(), steps);
    }
}

// The quota of the settings counts like the end of the medium.
TEST(VisitDisplacement, AQuotaIsKept) {
    FullMeeting meeting(5);
    meeting.drive_files.set_capacity(std::uint64_t{1} << 40);
    const auto ours = news(meeting, 5);
    meeting.give_store(ours);
    meeting.settings.drive_bytes_max = meeting.drive_bytes + 10;
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->displaced_bundles, 1u);
    EXPECT_TRUE(includes(meeting.on_drive(), keys(ours)));
}

// Somebody else left less free than this relay keeps: that goes first.
TEST(VisitDisplacement, WhatIsKeptFreeIsMadeUpForFirst) {
    FullMeeting meeting(6);
    const auto ours = news(meeting, 2);
    meeting.give_store(ours);
    meeting.settings.drive_keep_free_bytes = meeting.drive_bytes / 20;  // as much as two bundles
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->displaced_bundles, 3u);
    EXPECT_TRUE(includes(meeting.on_drive(), keys(ours)));
}

TEST(VisitDisplacement, NothingGoesForWhatWouldNotFitAllTheSame) {
    FullMeeting meeting(7);
    meeting.give_store({bundle::test::sample_message(meeting.random, first_day, 200'000)});
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->displaced_bundles, 0u);
    EXPECT_EQ(result->not_exported, 1u);
    EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
}

// In every bundle of the drive one message that the store lacks for good.
TEST(VisitDisplacement, WhatTheStoreRefusesKeepsItsBundleOnTheDrive) {
    for (const bool by_rank : {false, true}) {
        Meeting meeting(8);
        std::vector<Sample> all;
        for (int i = 0; i < 30; ++i) {
            auto some = news(meeting, 10);
            some.push_back(bundle::test::sample_message(meeting.random, first_day, by_rank ? 300 : 5000));
            meeting.give_drive(some);
            all.insert(all.end(), some.begin(), some.end());
        }
        meeting.settings.admission.message_bytes_max = 1000;
        if (by_rank)
            meeting.retention = {.rank = [](const MessageId& id) { return std::uint64_t{id.bytes[0]}; },
                                 .threshold = 100};
        fill_up(meeting);
        meeting.give_store(news(meeting, 5));
        const auto before = meeting.on_drive();
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_GT(result->imported, 0u);
        EXPECT_EQ(result->displaced_bundles, 0u) << by_rank;
        EXPECT_EQ(meeting.on_drive(), before);
    }
}

// It is there as yet, but the next eviction takes it.
TEST(VisitDisplacement, WhatTheStoreIsAboutToLetGoIsNotHeld) {
    FullMeeting meeting(9);
    meeting.give_store(news(meeting, 5));
    meeting.retention = {.rank = [](const MessageId&) { return std::uint64_t{7}; }, .threshold = 7};
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->displaced_bundles, 0u);
    EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
}

// Behind the index of the store's bundles of the drive's messages.
bool reads_junk(const FullMeeting& meeting, const Place& place) {
    const auto messages_at = 64 + 8 + 40 * meeting.junk.size() / 2;
    return place.call == Call::read && place.offset >= messages_at;
}

TEST(VisitDisplacement, WhatTheStoresMediumDoesNotGiveIsNotDisplaced) {
    for (const bool rotten : {false, true}) {
        FullMeeting meeting(10);
        meeting.give_store(news(meeting, 5));
        int readings = 0;
        if (rotten)
            meeting.store_watch.after_read = [&](const Place& place, MutableBytes bytes) {
                if (!reads_junk(meeting, place)) return;
                ++readings;
                bytes[bytes.size() / 2] ^= 1;
            };
        else
            meeting.store_watch.before = [&](const Place& place) -> Result<void> {
                if (!reads_junk(meeting, place)) return {};
                ++readings;
                return fail(Errc::io, "read", EIO);
            };
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value()) << describe(result.error());
        EXPECT_GT(readings, 0);
        EXPECT_EQ(result->displaced_bundles, 0u);
        EXPECT_EQ(result->not_exported, 5u);
        EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
    }
}

// An open reader goes on by the header and index that it once read; the next start reads what is there now.
TEST(VisitDisplacement, AHeaderThatHasRottedSinceVouchesForNothing) {
    FullMeeting meeting(10);
    meeting.give_store(news(meeting, 5));
    bool messages_were_read = false;
    int headers = 0;
    meeting.store_watch.after_read = [&](const Place& place, MutableBytes bytes) {
        messages_were_read = messages_were_read || reads_junk(meeting, place);
        if (!messages_were_read || place.offset != 0 || bytes.size() < limits::bundle_header_bytes) return;
        ++headers;
        bytes[40] ^= 1;
    };
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_GT(headers, 0);
    EXPECT_EQ(result->imported, 0u) << "the store has all that is on the drive";
    EXPECT_EQ(result->displaced_bundles, 0u);
    EXPECT_EQ(result->not_exported, 5u);
    EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
}

// One bad copy, and a good one in another bundle.
TEST(VisitDisplacement, OneGoodCopyIsEnough) {
    FullMeeting meeting(11);
    meeting.give_store(meeting.junk);
    meeting.give_store(news(meeting, 5));
    const auto halves = 64 + 8 + 40 * meeting.junk.size() / 2;
    meeting.store_watch.before = [&, bad = std::string()](const Place& place) mutable -> Result<void> {
        if (place.call != Call::read || place.offset < halves) return {};
        if (bad.empty()) bad = place.name;
        return place.name == bad ? fail(Errc::io, "read", EIO) : Result<void>{};
    };
    const auto result = meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->displaced_bundles, 1u);
}

TEST(VisitDisplacement, WhatTheStoreCannotMakeDurableIsNotDisplaced) {
    for (const auto call : {Call::sync_file, Call::sync_directory}) {
        FullMeeting meeting(12);
        meeting.give_store(news(meeting, 5));
        int syncs = 0;
        meeting.store_watch.before = [&](const Place& place) -> Result<void> {
            if (place.call != call) return {};
            ++syncs;
            return fail(Errc::io, "fsync", EIO);
        };
        const auto result = meeting.visit();
        ASSERT_TRUE(result.has_value());
        EXPECT_EQ(syncs, 1);
        EXPECT_EQ(result->displaced_bundles, 0u);
        EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
    }
}

// A store as some are: without a directory, or one that merges and evicts while a drive is visited.
class ChangingStore final : public Local {
public:
    explicit ChangingStore(io::Directory& directory) : directory_(directory), inner_(directory) {}

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override {
        auto all = inner_.bundles();
        if (without) std::erase_if(all, [&](const auto& reader) { return reader->name() == *without; });
        return all;
    }
    io::Directory* directory() override { return has_directory ? &directory_ : nullptr; }
    StoreRoom room() override { return {}; }
    Result<void> publish(std::span<const bundle::Name>, std::span<const bundle::Name>,
                         std::span<const MessageKey>) override {
        return {};
    }

    bool has_directory = true;
    std::optional<bundle::Name> without;

private:
    io::Directory& directory_;
    PlainStore inner_;
};

VisitResult visit_with(ChangingStore& store, FullMeeting& meeting,
                       const std::function<void(const Progress&)>& on_progress = {}) {
    const auto drive = meeting.drive_files.root();
    Visit visit(store, *drive, meeting.settings, meeting.day, meeting.random);
    visit.on_progress = on_progress;
    VisitResult result;
    EXPECT_TRUE(visit.run(result, {}).has_value());
    return result;
}

// `wcmp sync` is one: what the relay's disk holds it cannot make sure of.
TEST(VisitDisplacement, AStoreBehindASocketDisplacesNothing) {
    for (const bool has_directory : {false, true}) {
        FullMeeting meeting(16);
        meeting.give_store(news(meeting, 5));
        const auto directory = meeting.store_files.root();
        ChangingStore store(*directory);
        store.has_directory = has_directory;
        EXPECT_EQ(visit_with(store, meeting).displaced_bundles, has_directory ? 1u : 0u);
    }
}

TEST(VisitDisplacement, WhatTheStoreLetsGoMeanwhileStaysOnTheDrive) {
    FullMeeting meeting(17);
    meeting.store_files = io::MemoryFileSystem(18);
    meeting.give_store(meeting.junk);
    const auto ours = news(meeting, 5);
    meeting.give_store(ours);
    const auto directory = meeting.store_files.root();
    ChangingStore store(*directory);
    bool was_checked = false;
    const auto result = visit_with(store, meeting, [&](const Progress& progress) {
        if (progress.phase != Phase::checking) return;
        was_checked = true;
        store.without = bundle::test::open_bytes(bundle::test::sample_bundle(meeting.junk))->name();
    });
    EXPECT_TRUE(was_checked);
    EXPECT_EQ(result.displaced_bundles, 0u);
    EXPECT_EQ(result.not_exported, ours.size());
    EXPECT_EQ(meeting.on_drive(), keys(meeting.junk));
}

}  // namespace
}  // namespace wcmp::sync::test
