// The plan as a pure function: two sets of indexes in, two selections out.
#include "sync/plan.h"

#include "core/limits.h"
#include "core/writer.h"
#include "meeting.h"
#include "sync/absorption.h"

#include <algorithm>

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

constexpr std::uint64_t ample = std::uint64_t{1} << 40;

struct Sides {
    explicit Sides(std::uint64_t seed) : random(seed) {}

    std::shared_ptr<const bundle::Reader> reader(std::vector<Sample> messages) {
        return bundle::test::open_bytes(bundle::test::sample_bundle(std::move(messages)));
    }

    Result<Plan> plan(const std::stop_token& stop = {}) {
        if (distrusted.empty()) distrusted.assign(theirs.size(), false);
        return make_plan({.store = ours,
                          .drive = theirs,
                          .distrusted = distrusted,
                          .admission = admission,
                          .today = day,
                          .import_sampling = imports,
                          .export_sampling = exports,
                          .buffer_bytes = std::size_t{1} << 20},
                         random, stop);
    }

    SeededRandom random;
    Readers ours;
    Readers theirs;
    std::vector<bool> distrusted;
    message::AdmissionRules admission{};
    message::Today day = today;
    Sampling imports{};
    Sampling exports{};
};

std::vector<Sample> samples(SeededRandom& random, std::size_t count) {
    return bundle::test::sample_messages(random, count, first_day, 4);
}

std::size_t selected(const Transfer& transfer) {
    std::size_t count = 0;
    for (const auto& selection : transfer.selection) count += selection.count();
    return count;
}

TEST(Plan, OfNothingIsNothing) {
    Sides sides(1);
    const auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_TRUE(plan->imports.pieces.empty());
    EXPECT_TRUE(plan->exports.pieces.empty());
    EXPECT_EQ(plan->known, 0U);
}

TEST(Plan, EachMessageIsKnownOrGoesOneWay) {
    Sides sides(2);
    const auto common = samples(sides.random, 10);
    auto ours = samples(sides.random, 7);
    auto theirs = samples(sides.random, 5);
    ours.insert(ours.end(), common.begin(), common.end());
    theirs.insert(theirs.end(), common.begin(), common.end());
    sides.ours = {sides.reader(ours)};
    sides.theirs = {sides.reader(theirs)};
    const auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->known, 10U);
    EXPECT_EQ(plan->imports.messages, 5U);
    EXPECT_EQ(plan->exports.messages, 7U);
    EXPECT_EQ(plan->claims[0].offered(), 10U);
    EXPECT_TRUE(plan->usable());
}

TEST(Plan, AllCopiesOfAMessageAreSelectedAndItCountsOnce) {
    Sides sides(3);
    const auto theirs = samples(sides.random, 6);
    sides.theirs = {sides.reader(theirs), sides.reader({theirs.begin(), theirs.begin() + 3})};
    const auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->imports.messages, 6U);
    EXPECT_EQ(selected(plan->imports), 9U);
}

TEST(Plan, DeadMessagesGoNowhere) {
    Sides sides(4);
    sides.ours = {sides.reader(samples(sides.random, 6))};
    sides.theirs = {sides.reader(samples(sides.random, 6))};
    sides.day.floor.number = first_day + 10;
    const auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->imports.messages + plan->exports.messages + plan->known, 0U);
    EXPECT_EQ(plan->refused[static_cast<std::size_t>(message::Verdict::expired)], 6U);
}

TEST(Plan, WhatIsBeyondTheHorizonIsDeadOnlyWhenTheClockIsTrusted) {
    Sides sides(5);
    sides.ours = {sides.reader({bundle::test::sample_message(sides.random, today.floor.number + 500)})};
    EXPECT_EQ(sides.plan()->exports.messages, 1U);
    sides.day.trusted = today.floor;
    EXPECT_EQ(sides.plan()->exports.messages, 0U);
}

TEST(Plan, ARuleRefusesByName) {
    Sides sides(6);
    sides.theirs = {sides.reader({bundle::test::sample_message(sides.random, first_day, 2000),
                                  bundle::test::sample_message(sides.random, first_day, 300),
                                  bundle::test::sample_message(sides.random, first_day + 100, 300)})};
    sides.day.trusted = today.floor;
    sides.admission = {.lifetime_days_max = 50, .message_bytes_max = 1000};
    const auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->imports.messages, 1U);
    EXPECT_EQ(plan->refused[static_cast<std::size_t>(message::Verdict::too_large)], 1U);
    EXPECT_EQ(plan->refused[static_cast<std::size_t>(message::Verdict::lifetime)], 1U);
}

TEST(Plan, ClaimsOfTheDistrustedOrWithAnotherLengthDoNotCount) {
    Sides sides(7);
    const auto ours = samples(sides.random, 6);
    sides.ours = {sides.reader(ours)};
    sides.theirs = {sides.reader(ours)};
    sides.distrusted = {true};
    EXPECT_EQ(sides.plan()->exports.messages, 6U);
    sides.distrusted = {false};
    EXPECT_EQ(sides.plan()->exports.messages, 0U);
    std::vector<MessageKey> claimed;
    for (const auto& message : ours) claimed.push_back(message.key);
    sides.theirs = {bundle::test::open_bytes(bundle::test::hollow_bundle(claimed, 40))};
    EXPECT_EQ(sides.plan()->exports.messages, 6U);
}

// No message of any suite is so short: what is claimed for nothing costs no memory.
TEST(Plan, WhatIsTooShortForAMessageIsNotImported) {
    Sides sides(15);
    std::vector<MessageKey> claimed;
    for (int i = 0; i < 9; ++i) claimed.push_back({{first_day}, bundle::test::random_id(sides.random)});
    sides.theirs = {bundle::test::open_bytes(bundle::test::hollow_bundle(claimed, 255))};
    auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->imports.messages, 0U);
    EXPECT_EQ(plan->too_short, 9U);
    sides.theirs = {bundle::test::open_bytes(bundle::test::hollow_bundle(claimed, 256))};
    plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->imports.messages, 9U);
    EXPECT_EQ(plan->too_short, 0U);
}

// Of the copies of one message, each is judged by the length that it claims itself.
TEST(Plan, AFalseLengthThatIsRefusedHidesNoHonestCopy) {
    for (const std::uint32_t length : {100U, 5000U}) {
        Sides sides(16);
        const auto theirs = samples(sides.random, 6);
        std::vector<MessageKey> claimed;
        for (const auto& message : theirs) claimed.push_back(message.key);
        const auto liar = bundle::test::open_bytes(bundle::test::hollow_bundle(claimed, length));
        sides.theirs = {liar, sides.reader(theirs), liar};
        sides.admission.message_bytes_max = 4000;
        const auto plan = sides.plan();
        ASSERT_TRUE(plan.has_value());
        EXPECT_EQ(plan->imports.messages, 6U) << length;
        EXPECT_EQ(selected(plan->imports), 6U) << length;
        EXPECT_EQ(plan->refused[static_cast<std::size_t>(message::Verdict::too_large)], 0U) << length;
    }
}

// What is gathered for a piece is held in memory: the copies count, not the messages.
TEST(Plan, APieceHasABoundedNumberOfCopies) {
    Sides sides(17);
    std::vector<MessageKey> claimed;
    constexpr std::uint32_t messages = 9000;
    for (std::uint32_t i = 0; i < messages; ++i)
        claimed.push_back({{first_day + i % 2}, bundle::test::random_id(sides.random)});
    const auto reader = bundle::test::open_bytes(bundle::test::hollow_bundle(claimed, 256));
    constexpr std::size_t bundles = 20;
    sides.theirs.assign(bundles, reader);
    const auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->imports.messages, messages);
    std::size_t gathered = 0;
    for (const auto& piece : plan->imports.pieces) {
        const auto items = bundle::gather(plan->imports.selection, piece);
        ASSERT_TRUE(items.has_value());
        EXPECT_LE(items->copies.size(), limits::piece_copies_max);
        gathered += items->copies.size();
    }
    EXPECT_EQ(gathered, messages * bundles);
}

TEST(Plan, AnIndexThatCannotBeReadMakesThePlanUseless) {
    for (const bool in_store : {false, true}) {
        Sides sides(18);
        auto contents = std::make_shared<bundle::test::FileContents>();
        contents->bytes = bundle::test::sample_bundle(samples(sides.random, 200));
        auto& side = in_store ? sides.ours : sides.theirs;
        side = {sides.reader(samples(sides.random, 3)), bundle::test::open_shared(contents)};
        contents->bad_byte = 6000;
        const auto plan = sides.plan();
        ASSERT_TRUE(plan.has_value());
        EXPECT_FALSE(plan->usable());
        EXPECT_EQ(in_store ? plan->wrong_in_store : plan->unreadable_in_drive,
                  (std::vector<std::uint32_t>{1}));
        EXPECT_TRUE(plan->wrong_in_drive.empty());
    }
}

TEST(Plan, AWrongIndexMakesThePlanUseless) {
    for (const bool in_store : {false, true}) {
        Sides sides(8);
        auto bytes = bundle::test::sample_bundle(samples(sides.random, 6));
        bytes[64 + 8 * 4 + 5] ^= 1;  // in the index, or the table: not what the hash says
        const std::shared_ptr<const bundle::Reader> wrong = bundle::test::open_bytes(bytes);
        auto& side = in_store ? sides.ours : sides.theirs;
        side.push_back(sides.reader(samples(sides.random, 3)));
        side.push_back(wrong);
        const auto plan = sides.plan();
        ASSERT_TRUE(plan.has_value());
        EXPECT_FALSE(plan->usable());
        EXPECT_EQ(in_store ? plan->wrong_in_store : plan->wrong_in_drive, (std::vector<std::uint32_t>{1}));
    }
}

TEST(Plan, StopsWhenItIsTold) {
    Sides sides(9);
    std::stop_source stop;
    stop.request_stop();
    const auto plan = sides.plan(stop.get_token());
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().code, Errc::cancelled);
}

TEST(Sampling, KeepsEverythingThatFits) {
    SeededRandom random(1);
    for (const auto& sampling : {Sampling{}, *Sampling::to_fit(100, 100, random)})
        for (int i = 0; i < 100; ++i) EXPECT_TRUE(sampling.keeps(bundle::test::random_id(random)));
}

TEST(Sampling, KeepsNothingWithoutRoom) {
    SeededRandom random(2);
    const auto sampling = *Sampling::to_fit(100, 0, random);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(sampling.keeps(bundle::test::random_id(random)));
}

TEST(Sampling, KeepsItsShareOfAnyIds) {
    SeededRandom random(3);
    constexpr int count = 20'000;
    for (const bool chosen_ids : {false, true}) {
        const auto sampling = *Sampling::to_fit(1000, 250, random);
        int kept = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            auto id = bundle::test::random_id(random);
            if (chosen_ids) {  // alike but for a counter
                id = {};
                put_number(MutableBytes(id.bytes).subspan(28), i);
            }
            kept += sampling.keeps(id) ? 1 : 0;
        }
        EXPECT_NEAR(kept, 0.25 * 0.97 * count, 5 * 62);
    }
}

TEST(Sampling, DrawsAnotherSubsetEachTimeAndKeepsToIt) {
    SeededRandom random(4);
    const auto first = *Sampling::to_fit(1000, 500, random);
    const auto second = *Sampling::to_fit(1000, 500, random);
    int differing = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto id = bundle::test::random_id(random);
        EXPECT_EQ(first.keeps(id), first.keeps(id));
        differing += first.keeps(id) != second.keeps(id) ? 1 : 0;
    }
    EXPECT_NEAR(differing, 500, 100);
}

TEST(Absorption, TakesLiveMessagesOfSmallTrustedBundles) {
    Sides sides(10);
    sides.ours = {sides.reader(samples(sides.random, 4))};
    const auto half_dead = std::vector<Sample>{bundle::test::sample_message(sides.random, today.floor.number),
                                               bundle::test::sample_message(sides.random, first_day)};
    sides.theirs = {sides.reader(half_dead), sides.reader(samples(sides.random, 3))};
    auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    auto& exports = plan->exports;
    const auto names = absorb(exports, sides.theirs, plan->drive_digests, {false, true}, today, ample);
    EXPECT_EQ(names, (std::vector<bundle::Name>{sides.theirs[0]->name()}));
    ASSERT_EQ(exports.selection.size(), 2U);
    EXPECT_EQ(exports.selection.back().count(), 1U);
    const auto items = bundle::gather(exports.selection, exports.pieces.front());
    ASSERT_TRUE(items.has_value());
    EXPECT_EQ(items->items.size(), 5U);
}

TEST(Absorption, TakesNoMoreThanFits) {
    Sides sides(13);
    sides.ours = {sides.reader(samples(sides.random, 40))};
    for (int i = 0; i < 4; ++i) sides.theirs.push_back(sides.reader(samples(sides.random, 10)));
    std::size_t before = 0;
    for (const std::uint64_t room : {std::uint64_t{0}, std::uint64_t{20'000}, ample}) {
        auto plan = sides.plan();
        ASSERT_TRUE(plan.has_value());
        const auto new_bytes = plan->exports.file_bytes;
        auto names = absorb(plan->exports, sides.theirs, plan->drive_digests, {}, today, room);
        std::uint64_t bytes = new_bytes;
        for (const auto& reader : sides.theirs)
            if (std::ranges::find(names, reader->name()) != names.end()) bytes += reader->header().file_bytes;
        EXPECT_TRUE(names.empty() || bytes <= room) << room;
        EXPECT_GE(names.size(), before);
        before = names.size();
    }
    EXPECT_EQ(before, 4U);
}

// Bundles that claim many messages, each of hardly any bytes.
TEST(Absorption, TakesNoMoreMessagesThanAPieceHasCopies) {
    Sides sides(14);
    sides.ours = {sides.reader({bundle::test::sample_message(sides.random, first_day, 800'000)})};
    for (int i = 0; i < 3; ++i) {
        std::vector<MessageKey> claimed;
        for (int message = 0; message < 25'000; ++message)
            claimed.push_back({{first_day}, bundle::test::random_id(sides.random)});
        sides.theirs.push_back(bundle::test::open_bytes(bundle::test::hollow_bundle(claimed, 39)));
    }
    auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    auto& exports = plan->exports;
    EXPECT_EQ(absorb(exports, sides.theirs, plan->drive_digests, {}, today, ample).size(), 2U);
    const auto items = bundle::gather(exports.selection, exports.pieces.front());
    ASSERT_TRUE(items.has_value());
    EXPECT_LE(items->copies.size(), limits::piece_copies_max);
    EXPECT_EQ(items->copies.size(), exports.pieces.front().copies);
}

TEST(Absorption, OfNothingNewNothingIsAbsorbed) {
    Sides sides(11);
    sides.theirs = {sides.reader(samples(sides.random, 3))};
    auto plan = sides.plan();
    ASSERT_TRUE(plan.has_value());
    EXPECT_TRUE(absorb(plan->exports, sides.theirs, plan->drive_digests, {false}, today, ample).empty());
}

// A drive whose small bundle cannot be read in a place: it is not absorbed away.
TEST(Absorption, WhatCouldNotBeReadStays) {
    bool met = false;
    for (std::uint64_t read = 0;; ++read) {
        Meeting meeting(12);
        const auto theirs =
            std::vector<Sample>{bundle::test::sample_message(meeting.random, first_day, 300'000),
                                bundle::test::sample_message(meeting.random, first_day, 400)};
        const auto ours =
            std::vector<Sample>{bundle::test::sample_message(meeting.random, first_day, 200'000)};
        meeting.give_drive(theirs);
        meeting.give_store(theirs);
        meeting.give_store(ours);
        const auto last = meeting.drive_files.reads() + read;
        meeting.drive_files.fail_read_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::once});
        std::ignore = meeting.visit();
        const bool reached = meeting.drive_files.reads() > last;
        meeting.drive_files.clear_faults();
        EXPECT_TRUE(includes(meeting.on_drive(), keys(theirs))) << read;
        met = met || count_files(*meeting.drive_files.root()) > 1;
        if (!reached) break;
    }
    EXPECT_TRUE(met);
}

}  // namespace
}  // namespace wcmp::sync::test
