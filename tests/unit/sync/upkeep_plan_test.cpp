#include "sync/upkeep_plan.h"

#include "core/limits.h"
#include "core/random.h"
#include "side.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace wcmp::sync::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr UpkeepRules drive_rules{};
constexpr UpkeepRules store_rules{.store = true};

bundle::Name numbered(std::uint8_t number) {
    return {.first = {20010}, .last = {20011}, .hash = {number}};
}

std::vector<BundleFacts> alike(std::size_t count, std::uint64_t bytes, std::uint32_t messages = 100) {
    std::vector<BundleFacts> bundles;
    for (std::size_t i = 0; i < count; ++i)
        bundles.push_back(
            {.name = numbered(static_cast<std::uint8_t>(i)), .file_bytes = bytes, .messages = messages});
    return bundles;
}

struct Wanted {
    UpkeepReason reason;
    std::vector<std::size_t> inputs;

    bool operator==(const Wanted&) const = default;
};

std::vector<Wanted> planned(const std::vector<BundleFacts>& bundles, const UpkeepRules& rules = drive_rules) {
    std::vector<Wanted> steps;
    for (const auto& step : plan_upkeep(bundles, rules).steps) steps.push_back({step.reason, step.inputs});
    return steps;
}

std::size_t merged(const std::vector<Wanted>& steps) {
    std::size_t inputs = 0;
    for (const auto& step : steps)
        if (step.reason == UpkeepReason::too_many) inputs += step.inputs.size();
    return inputs;
}

TEST(UpkeepPlan, NothingIsDueWhereNothingIs) {
    EXPECT_FALSE(plan_upkeep({}, drive_rules).due());
    EXPECT_FALSE(plan_upkeep({}, store_rules).due());
    EXPECT_FALSE(plan_upkeep(alike(1, 5 * kib, 1), store_rules).due());
}

TEST(UpkeepPlan, TheBoundIsEightAndOneForEachSixteenMiB) {
    EXPECT_EQ(bundles_bound(0), 8u);
    EXPECT_EQ(bundles_bound(16 * mib - 1), 8u);
    EXPECT_EQ(bundles_bound(16 * mib), 9u);
    EXPECT_THAT(planned(alike(8, 100 * kib)), IsEmpty());
    EXPECT_EQ(merged(planned(alike(9, 100 * kib))), 6u) << "so that four are left";
}

TEST(UpkeepPlan, TheSmallestAreMergedAndTiesGoByName) {
    auto bundles = alike(9, 100 * kib);
    bundles[3].file_bytes = bundles[5].file_bytes = 10 * kib;
    bundles[0].name = numbered(200);
    bundles[8].file_bytes = 900 * kib;
    const auto steps = planned(bundles);
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_THAT(steps[0].inputs, ElementsAre(3, 5, 1, 2, 4, 6));
}

TEST(UpkeepPlan, AnOutputKeepsWithinTheCut) {
    // 70 files of 1 MiB: the bound is 12, and the half of it 6.
    const auto steps = planned(alike(70, mib));
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].inputs.size(), 64u);
    EXPECT_EQ(70 - merged(steps) + steps.size(), 6u);
}

TEST(UpkeepPlan, AnOutputHoldsNoMoreMessagesThanAreInMemory) {
    for (const auto& step : planned(alike(30, 100 * kib, 10'000))) EXPECT_LE(step.inputs.size(), 6u);
}

TEST(UpkeepPlan, WhatTheDirectoryHasNoRoomForIsNotPlanned) {
    EXPECT_THAT(planned(alike(20, 100 * kib), {.room_bytes = 150 * kib}), IsEmpty());
    for (const auto& step : planned(alike(20, 100 * kib), {.room_bytes = 250 * kib}))
        EXPECT_EQ(step.inputs.size(), 2u);
    auto bundles = alike(1, 100 * kib);
    bundles[0].dead_bytes = 60 * kib;
    EXPECT_EQ(planned(bundles, {.room_bytes = 40 * kib}).size(), 1u);
    EXPECT_THAT(planned(bundles, {.room_bytes = 40 * kib - 1}), IsEmpty());
}

TEST(UpkeepPlan, AQuarterOfDeadBytesIsRewritten) {
    auto bundles = alike(3, 400 * kib);
    bundles[1].dead_bytes = 100 * kib;
    bundles[2].dead_bytes = 100 * kib - 1;
    EXPECT_THAT(planned(bundles), ElementsAre(Wanted{UpkeepReason::dead_days, {1}}));
}

TEST(UpkeepPlan, FirstTheInvalidThenTheManyThenTheDead) {
    auto bundles = alike(12, 100 * kib);
    bundles[10].file_bytes = bundles[11].file_bytes = mib;
    bundles[10].dead_bytes = mib / 2;
    bundles[11].invalid = true;
    bundles[0].all_dead = true;
    bundles[1].invalid = true;  // among the smallest: it is rewritten by being merged
    const auto steps = planned(bundles);
    ASSERT_EQ(steps.size(), 4u);
    EXPECT_EQ(steps[0], (Wanted{UpkeepReason::all_dead, {0}}));
    EXPECT_EQ(steps[1], (Wanted{UpkeepReason::invalid, {11}}));
    EXPECT_THAT(steps[2].inputs, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
    EXPECT_EQ(steps[3], (Wanted{UpkeepReason::dead_days, {10}}));
}

TEST(UpkeepPlan, WhatCannotBeReadIsLeftAlone) {
    auto bundles = alike(1, 100 * kib);
    bundles[0].unreadable = bundles[0].invalid = true;
    bundles[0].dead_bytes = 100 * kib;
    EXPECT_THAT(planned(bundles), IsEmpty());
    bundles = alike(9, 100 * kib);
    for (auto& bundle : bundles) bundle.unreadable = true;
    EXPECT_THAT(planned(bundles), IsEmpty());
}

TEST(UpkeepPlan, InTheStoreTheSmallBecomeOne) {
    auto bundles = alike(4, 2 * mib);
    bundles[2].file_bytes = 2 * mib + 1;
    EXPECT_THAT(planned(bundles, store_rules), ElementsAre(Wanted{UpkeepReason::too_many, {0, 1, 3}}));
    EXPECT_THAT(planned(bundles), IsEmpty()) << "not on a drive";
    bundles[1].file_bytes = bundles[3].file_bytes = 3 * mib;
    EXPECT_THAT(planned(bundles, store_rules), IsEmpty()) << "one alone, of many messages";
}

TEST(UpkeepPlan, InTheStoreFewMessagesDoNotStayAlone) {
    auto bundles = alike(3, 40 * mib);
    bundles[1].file_bytes = 30 * mib;
    bundles[2].file_bytes = 10 * kib;
    bundles[2].messages = 8;
    EXPECT_THAT(planned(bundles, store_rules), IsEmpty());
    bundles[2].messages = 7;
    EXPECT_THAT(planned(bundles, store_rules), ElementsAre(Wanted{UpkeepReason::too_many, {2, 1}}));
    constexpr UpkeepRules sparing{.store = true, .spare_large = true};
    EXPECT_THAT(planned(bundles, sparing), IsEmpty()) << "30 MiB for seven messages";
    bundles[0].file_bytes = bundles[1].file_bytes = 64 * mib;
    EXPECT_THAT(planned(bundles, store_rules), IsEmpty()) << "within the cut";
}

TEST(UpkeepPlan, InTheStoreWhatIsAllDeadIsForOthers) {
    auto bundles = alike(3, 10 * kib, 3);
    bundles[0].all_dead = bundles[2].all_dead = true;
    bundles[0].invalid = bundles[0].long_dead = true;
    EXPECT_THAT(planned(bundles, store_rules), IsEmpty());
    EXPECT_EQ(planned(bundles).size(), 2u);
}

TEST(UpkeepPlan, InTheStoreNothingStaysDeadForLong) {
    auto bundles = alike(1, 100 * mib);
    bundles[0].dead_bytes = 1;
    bundles[0].long_dead = true;
    EXPECT_THAT(planned(bundles), IsEmpty());
    EXPECT_THAT(planned(bundles, store_rules), ElementsAre(Wanted{UpkeepReason::dead_days, {0}}));
}

TEST(UpkeepPlan, FactsOfABundle) {
    SeededRandom random(1);
    std::vector<bundle::test::Sample> messages;
    for (const std::uint32_t day : {19'999U, 20'000U, 20'001U, 20'100U, 20'183U})
        messages.push_back(bundle::test::sample_message(random, day, 300 + day % 10));
    const auto reader = bundle::test::open_bytes(bundle::test::sample_bundle(messages));
    const auto facts = facts_of(*reader, {.floor = {20'000}});
    EXPECT_EQ(facts.name, reader->name());
    EXPECT_EQ(facts.file_bytes, reader->header().file_bytes);
    EXPECT_EQ(facts.messages, 5u);
    EXPECT_EQ(facts.dead_bytes, 309u + 300u + 2 * (40 + 8));
    EXPECT_TRUE(facts.long_dead);
    EXPECT_FALSE(facts.all_dead || facts.invalid || facts.unreadable);

    EXPECT_FALSE(facts_of(*reader, {.floor = {19'999}}).long_dead) << "dead since today";
    EXPECT_EQ(facts_of(*reader, {.floor = {19'998}}).dead_bytes, 0u);
    const auto beyond = facts_of(*reader, {.floor = {20'000}, .trusted = Day{20'000}});
    EXPECT_EQ(beyond.dead_bytes, 309u + 300u + 303u + 3 * (40 + 8)) << "the horizon too";
    EXPECT_TRUE(facts_of(*reader, {.floor = {20'183}}).all_dead);
}

// The index is believed for this only, and whatever it says, the numbers stay what they can be.
TEST(UpkeepPlan, AFalseIndexMakesNoFalseFacts) {
    SeededRandom random(2);
    auto bytes = bundle::test::sample_bundle(bundle::test::sample_messages(random, 20, 19'999, 4));
    for (int i = 0; i < 200; ++i) {
        for (std::size_t at = 64 + 4 * 8; at < 64 + 4 * 8 + 20 * 40; ++at)
            bytes[at] = static_cast<std::uint8_t>(random.next());
        bundle::test::rehash(bytes);
        const auto facts = facts_of(*bundle::test::open_bytes(bytes), today);
        EXPECT_LE(facts.dead_bytes, facts.file_bytes);
    }
}

// Carried out as a directory would: an output has all that its inputs had and was not dead.
void apply(std::vector<BundleFacts>& bundles, const UpkeepPlan& plan, SeededRandom& random) {
    std::vector<bool> gone(bundles.size());
    std::vector<BundleFacts> made;
    for (const auto& step : plan.steps) {
        BundleFacts output;
        for (auto& byte : output.name.hash) byte = static_cast<std::uint8_t>(random.next());
        for (const auto i : step.inputs) {
            ASSERT_FALSE(gone[i]) << "no bundle is in two steps";
            gone[i] = true;
            output.file_bytes += bundles[i].file_bytes - bundles[i].dead_bytes;
            output.messages += bundles[i].messages;
        }
        if (step.reason == UpkeepReason::all_dead) continue;
        if (step.inputs.size() > 1) {
            EXPECT_LE(output.file_bytes, limits::bundle_cut_bytes);
        }
        made.push_back(output);
    }
    for (std::size_t i = 0; i < bundles.size(); ++i)
        if (!gone[i]) made.push_back(bundles[i]);
    bundles = std::move(made);
}

std::vector<BundleFacts> random_bundles(SeededRandom& random) {
    std::vector<BundleFacts> bundles(random.next() % 300);
    const auto size_max = std::uint64_t{1} << (12 + random.next() % 16);
    for (auto& bundle : bundles) {
        for (auto& byte : bundle.name.hash) byte = static_cast<std::uint8_t>(random.next());
        bundle.file_bytes = 2000 + random.next() % size_max;
        bundle.messages = static_cast<std::uint32_t>(1 + bundle.file_bytes / 2000);
        if (random.next() % 8 == 0) bundle.dead_bytes = random.next() % bundle.file_bytes;
        bundle.long_dead = bundle.dead_bytes > 0 && random.next() % 2 == 0;
        bundle.all_dead = random.next() % 32 == 0;
        bundle.invalid = random.next() % 16 == 0;
    }
    return bundles;
}

// A few times over: what has gone is missing where the bound comes from.
TEST(UpkeepPlan, AfterItNothingMoreIsDueAndTheBoundHolds) {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SeededRandom random(seed);
        const auto& rules = seed % 2 == 0 ? drive_rules : store_rules;
        auto bundles = random_bundles(random);
        std::uint64_t before = 0;
        for (const auto& bundle : bundles) before += bundle.file_bytes;
        std::uint64_t work = 0;
        unsigned rounds = 0;
        for (;; ++rounds) {
            const auto plan = plan_upkeep(bundles, rules);
            if (!plan.due()) break;
            ASSERT_LT(rounds, limits::upkeep_rounds_max) << seed;
            for (const auto& step : plan.steps)
                for (const auto i : step.inputs) work += bundles[i].file_bytes;
            apply(bundles, plan, random);
        }
        std::uint64_t bytes = 0;
        for (const auto& bundle : bundles) {
            bytes += bundle.file_bytes;
            if (rules.store && bundle.all_dead) continue;
            EXPECT_FALSE(bundle.all_dead || bundle.invalid) << seed;
            EXPECT_LT(bundle.dead_bytes * 4, bundle.file_bytes) << seed;
        }
        const auto counts = std::ranges::count_if(
            bundles, [&](const auto& bundle) { return !rules.store || !bundle.all_dead; });
        EXPECT_LE(static_cast<std::uint64_t>(counts), bundles_bound(bytes)) << seed;
        EXPECT_LE(work, 3 * before) << seed;
    }
}

}  // namespace
}  // namespace wcmp::sync::test
