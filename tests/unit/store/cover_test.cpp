// Cover: the law, the dummies, and what a fold takes out of the journal (BUNDLE.md, section 7).
#include "store/cover.h"

#include "message/identify.h"
#include "message/layout.h"
#include "store/eviction.h"
#include "test_store.h"

#include <cmath>
#include <map>

namespace wcmp::store::test {
namespace {

std::vector<Bytes> dummies(std::uint64_t count, std::uint64_t seed = 7) {
    SeededRandom random(seed);
    const State state{
        .high_water = {}, .eviction_salt = {}, .eviction_threshold = threshold_max, .ahead = {}};
    return seal_cover(count, {}, state, today, random).value();
}

std::set<MessageKey> keys_of_sealed(const std::vector<Bytes>& messages) {
    std::set<MessageKey> keys;
    for (const auto& bytes : messages)
        keys.insert({message::parse_header(bytes)->expires, message::message_id(bytes)});
    return keys;
}

class CoveredFold : public testing::Test {
protected:
    CoveredFold() { store.settings.covered = true; }

    std::uint64_t in_bundles() {
        std::set<MessageKey> keys;
        for (const auto& bundle : store->snapshot()->bundles)
            for (const auto& message : local)
                if (bundle->find(message.key)) keys.insert(message.key);
        return keys.size();
    }

    TestStore store;
    std::vector<Sample> local;
};

TEST(CoverLaw, OffIsAlwaysNothingAndDrawsNothing) {
    SeededRandom random(1);
    EXPECT_EQ(draw_cover_count(0, random).value(), 0U);
    EXPECT_EQ(random.next(), SeededRandom(1).next());
}

// P(k) = m^k / (m + 1)^(k + 1): each count within five standard deviations of it.
TEST(CoverLaw, IsGeometricWithTheGivenMean) {
    constexpr int draws = 40'000;
    for (const std::uint32_t mean : {1U, 4U, 20U}) {
        SeededRandom random(mean);
        std::map<std::uint64_t, int> seen;
        double sum = 0;
        for (int i = 0; i < draws; ++i) {
            const auto count = draw_cover_count(mean, random).value();
            ++seen[count];
            sum += static_cast<double>(count);
        }
        const double m = mean;
        EXPECT_NEAR(sum / draws, m, 5 * std::sqrt(m * (m + 1) / draws));
        double chance = 1 / (m + 1);
        for (std::uint64_t count = 0; count < 6; ++count, chance *= m / (m + 1))
            EXPECT_NEAR(seen[count], draws * chance, 5 * std::sqrt(draws * chance * (1 - chance))) << count;
    }
}

TEST(CoverDummies, ObeyTheRulesOfTheRelay) {
    SeededRandom random(3);
    const State state{
        .high_water = {}, .eviction_salt = {1, 2, 3}, .eviction_threshold = threshold_max / 2, .ahead = {}};
    const message::AdmissionRules rules{.lifetime_days_max = 34, .message_bytes_max = 4096};
    const auto made = seal_cover(40, rules, state, today, random).value();
    ASSERT_EQ(made.size(), 40U);
    Ranking ranking(state.eviction_salt);
    for (const auto& bytes : made) {
        const auto header = message::parse_header(bytes).value();
        EXPECT_EQ(message::admit(header.expires, bytes.size(), rules, today), message::Verdict::admitted);
        EXPECT_LT(ranking.rank(message::message_id(bytes).view()), state.eviction_threshold);
    }
    EXPECT_EQ(keys_of_sealed(made).size(), made.size());
}

TEST(CoverDummies, RulesThatRefuseAllEndTheDrawing) {
    SeededRandom random(3);
    const State nothing{.high_water = {}, .eviction_salt = {}, .eviction_threshold = 0, .ahead = {}};
    EXPECT_EQ(seal_cover(1, {}, nothing, today, random).error().code, Errc::no_space);
}

TEST_F(CoveredFold, DummiesFillUpToExactlyAsMany) {
    store.expect_open();
    local = store.make(3);
    store.enqueue(local);
    const auto made = dummies(5);
    const auto folded = store->fold_with_cover(made, today);
    ASSERT_TRUE(folded.has_value());
    EXPECT_EQ(folded->size(), 5U);
    EXPECT_EQ(store->snapshot()->messages, 5U);
    EXPECT_EQ(in_bundles(), 3U);
    EXPECT_EQ(store->journal_messages(), 0U);
}

TEST_F(CoveredFold, WhatDoesNotGoWaitsInTheOtherFile) {
    store.expect_open();
    local = store.make(9);
    store.enqueue(local);
    const auto folded = store->fold_with_cover(dummies(4), today);
    ASSERT_TRUE(folded.has_value());
    EXPECT_EQ(folded->size(), 4U);
    EXPECT_EQ(in_bundles(), 4U);
    EXPECT_EQ(store->journal_messages(), 5U);
    EXPECT_EQ(store.contents("journal-0"), Bytes(store.contents("journal-0").size()));
    store.expect_readable(local);
    store.power_cut();
    store.expect_readable(local, "after a power cut");
    EXPECT_EQ(in_bundles(), 4U) << "a start folds nothing";
    EXPECT_EQ(store->fold_with_cover(dummies(20, 8), today)->size(), 20U);
    EXPECT_EQ(in_bundles(), 9U);
}

TEST_F(CoveredFold, NothingDrawnMovesNothing) {
    store.expect_open();
    local = store.make(3);
    store.enqueue(local);
    const auto steps = store.files.steps();
    EXPECT_TRUE(store->fold_with_cover({}, today)->empty());
    EXPECT_EQ(store.files.steps(), steps);
    local.push_back(store.make_one());
    store.enqueue({local.back()});
    EXPECT_EQ(store.contents("journal-1"), Bytes(store.contents("journal-1").size())) << "one file only";
}

// Each of four is chosen in about a quarter of 200 folds that take one: five standard deviations.
TEST(CoveredSelection, IsUniform) {
    std::array<int, 4> chosen{};
    const auto made = dummies(1);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        TestStore store(seed);
        store.settings.covered = true;
        store.expect_open();
        const auto local = store.make(4);
        store.enqueue(local);
        const auto folded = store->fold_with_cover(made, today);
        ASSERT_EQ(folded->size(), 1U);
        for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] += folded->front() == local[i].key ? 1 : 0;
    }
    for (const auto count : chosen) EXPECT_NEAR(count, 50, 31);
}

TEST_F(CoveredFold, DeadOnesAreDroppedAndNotCarried) {
    store.expect_open();
    local = store.make(3);
    store.enqueue({store.make_one(today.floor.number + 1)});
    store.enqueue(local);
    const message::Today later{.floor = {today.floor.number + 1}};
    EXPECT_EQ(store->fold_with_cover(dummies(1), later)->size(), 1U);
    EXPECT_EQ(store->journal_messages(), 2U);
}

TEST_F(CoveredFold, AFullJournalAndALargeMessageAreRefused) {
    store.expect_open();
    const auto large = store.make_one(first_day, (1U << 20) + 1);
    EXPECT_EQ(store.try_enqueue({large})[0].error().code, Errc::too_large);
    std::size_t taken = 0;
    for (;; ++taken) {
        const auto message = store.make_one(first_day, 1U << 19);
        const auto result = store.try_enqueue({message})[0];
        if (!result) {
            EXPECT_EQ(result.error().code, Errc::no_space);
            break;
        }
        local.push_back(message);
    }
    EXPECT_EQ(taken, 7U) << "one file of 4 MiB";
    EXPECT_TRUE(store->snapshot()->bundles.empty());
    EXPECT_EQ(store->fold_with_cover(dummies(2), today)->size(), 2U);
    store.expect_readable(local);
    EXPECT_EQ(store->journal_messages(), 5U) << "the rest of a full file fits into the other";
}

// Two files that were filled without cover.
TEST_F(CoveredFold, WhatCameBeforeCoverComesTogetherInOneFile) {
    store.settings.covered = false;
    store.expect_open();
    const auto big = store.make(1, 1U << 20);
    for (int i = 0; i < 3; ++i) {
        local.push_back(store.make_one(first_day, (1U << 20) - 64));
        store.enqueue({local.back()});
    }
    store.enqueue(big);
    local.push_back(big[0]);
    store.close();
    store.settings.covered = true;
    store.expect_open();
    store.expect_readable(local);
    EXPECT_TRUE(store->fold_with_cover(dummies(1), today).has_value());
    store.expect_readable(local);
}

// A client reads, and before it has the bytes the message is in the other file, or in a bundle.
TEST_F(CoveredFold, WhatIsReadWhileItIsCarriedIsFound) {
    store.expect_open();
    local = store.make(4);
    store.enqueue(local);
    std::uint64_t seed = 10;
    for (const auto& message : local) {
        const auto made = dummies(1, ++seed);
        store.disk.before_next_reading([&] { EXPECT_TRUE(store->fold_with_cover(made, today).has_value()); });
        const auto read = store->read(message.key.id, today);
        ASSERT_TRUE(read.has_value()) << seed;
        EXPECT_EQ(*read, message.bytes);
    }
}

// At every step: what was acknowledged is there, and no start makes anything visible that was not drawn.
TEST(CoveredFoldFaults, APowerCutAtAnyStepLosesNothingAndShowsNothing) {
    const auto made = dummies(3);
    for (std::uint64_t step = 0;; ++step) {
        bool reached = true;
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            TestStore store(seed * 1000 + step);
            store.settings.covered = true;
            store.expect_open();
            const auto held = store.make(3);
            store.hold(held);
            const auto fresh = store.make(7);
            store.enqueue(fresh);
            const auto cut = store.files.steps() + step;
            store.files.fail_at(cut, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            std::ignore = store->fold_with_cover(made, today);
            reached = store.files.steps() > cut;
            store.power_cut();
            const auto where = "step " + std::to_string(step);
            store.expect_readable(held, where);
            store.expect_readable(fresh, where);
            EXPECT_FALSE(store->failing()) << where;
            std::set<MessageKey> shown;
            for (const auto& bundle : store->snapshot()->bundles)
                for (const auto& message : fresh)
                    if (bundle->find(message.key)) shown.insert(message.key);
            EXPECT_TRUE(shown.empty() || shown.size() == made.size()) << where;
            const auto late = store.make(1);
            store.enqueue(late);
            const auto again = store->fold_with_cover(dummies(20, 9), today);
            ASSERT_TRUE(again.has_value()) << where;
            EXPECT_EQ(again->size(), 20U) << where << ": what was shown before is not shown again";
            EXPECT_EQ(store->journal_messages(), 0U) << where;
            store.power_cut();
            store.expect_readable(fresh, where);
            store.expect_readable(late, where);
        }
        if (!reached) break;
    }
}

// The power goes in the start that follows as well.
TEST(CoveredFoldFaults, ASecondCutAtTheStartLosesNothingEither) {
    const auto made = dummies(2);
    for (std::uint64_t first = 0; first < 40; first += 3) {
        for (std::uint64_t second = 0; second < 12; ++second) {
            TestStore store(first * 100 + second + 1);
            store.settings.covered = true;
            store.expect_open();
            const auto fresh = store.make(5);
            store.enqueue(fresh);
            store.files.fail_at(store.files.steps() + first,
                                {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            std::ignore = store->fold_with_cover(made, today);
            store.files.power_cut();
            store.close();
            store.files.fail_at(store.files.steps() + second,
                                {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            std::ignore = store.open();
            store.power_cut();
            store.expect_readable(fresh, std::to_string(first) + " " + std::to_string(second));
        }
    }
}

// A sync fails, and the next process reads what the cache still has. What it acknowledges then, and what it
// moves from one file into the other, is on the medium.
TEST(CoveredFoldFaults, WhatAFailedSyncLeftInTheCacheIsWrittenOnceMore) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        TestStore store(seed);
        store.settings.covered = true;
        store.expect_open();
        const auto before = store.make(3);
        store.enqueue(before);
        const auto late = store.make(1);
        store.files.fail_at(store.files.steps() + 2);  // the sync after the writing and the times
        ASSERT_FALSE(store.try_enqueue(late)[0].has_value());
        store.close();
        store.files.clear_faults();
        store.expect_open();
        store.enqueue(late);
        store.power_cut();
        store.expect_readable(before, std::to_string(seed));
        store.expect_readable(late, std::to_string(seed));
    }
}

TEST(CoveredFoldFaults, AFailedSyncAtAnyStepBeforeAnotherStartLosesNothing) {
    const auto made = dummies(2);
    for (std::uint64_t step = 0; step < 60; ++step) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            TestStore store(seed * 100 + step);
            store.settings.covered = true;
            store.expect_open();
            const auto fresh = store.make(5);
            store.enqueue(fresh);
            const bool in_gather = step % 2 == 0;
            if (in_gather) {  // something torn: a start puts all into the other file
                store.close();
                auto torn = store.contents("journal-0");
                torn[torn.size() / 2] = 1;
                store.put("journal-0", torn);
            }
            store.files.fail_at(store.files.steps() + step / 2);
            if (in_gather)
                std::ignore = store.open();
            else
                std::ignore = store->fold_with_cover(made, today);
            store.close();
            store.files.clear_faults();
            store.expect_open();  // and no power cut before
            store.power_cut();
            store.expect_readable(fresh, std::to_string(step) + " " + std::to_string(seed));
        }
    }
}

// A full disk, where it needs room even for what is overwritten.
TEST_F(CoveredFold, ADiskThatFillsWhileTwoFilesComeTogetherShowsNothing) {
    store.expect_open();
    local = store.make(3);
    store.enqueue(local);
    store.close();
    auto torn = store.contents("journal-0");
    torn[torn.size() / 2] = 1;
    for (std::uint64_t step = 0; step < 20; ++step) {
        store.put("journal-0", torn);
        store.files.fail_at(store.files.steps() + step, {.os_error = ENOSPC});
        const auto opened = store.open();
        store.files.clear_faults();
        if (!opened) continue;
        EXPECT_TRUE(store->snapshot()->bundles.empty()) << step;
        store.power_cut();
        store.expect_readable(local, std::to_string(step));
        store.close();
    }
}

// Two files that were filled without cover, one with a torn tail: one goes, and the other takes records.
TEST_F(CoveredFold, ATornFileThatIsLeftTakesRecordsAgain) {
    store.settings.covered = false;
    store.expect_open();
    for (int i = 0; i < 6; ++i) {
        local.push_back(store.make_one(first_day, (1U << 20) - 4096));
        store.enqueue({local.back()});
    }
    store.close();
    for (const auto* name : {"journal-0", "journal-1"}) {
        auto torn = store.contents(name);
        torn[torn.size() - 1] = 1;
        store.put(name, torn);
    }
    store.settings.covered = true;
    store.expect_open();
    local.push_back(store.make_one());
    store.enqueue({local.back()});
    store.expect_readable(local);
}

// No room for the bundle: everything stays where it was, and one file is free again.
TEST_F(CoveredFold, WithoutRoomNothingLeavesTheJournal) {
    store.expect_open();
    local = store.make(4);
    store.enqueue(local);
    store.settings.store_keep_free_bytes = ~std::uint64_t{0};
    store->set_settings(store.settings);
    EXPECT_EQ(store->fold_with_cover(dummies(9), today).error().code, Errc::no_space);
    EXPECT_EQ(store->journal_messages(), 4U);
    store.settings.store_keep_free_bytes = 0;
    store->set_settings(store.settings);
    EXPECT_EQ(store->fold_with_cover(dummies(9), today)->size(), 9U);
    EXPECT_EQ(in_bundles(), 4U);
}

}  // namespace
}  // namespace wcmp::store::test
