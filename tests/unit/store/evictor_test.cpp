// A store above its quota comes back to it, whatever goes wrong on the way.
#include "store/evictor.h"

#include "test_store.h"

#include <algorithm>

namespace wcmp::store::test {
namespace {

Result<Evicted> evict(TestStore& store, const std::stop_token& stop = {}) {
    Evictor evictor(*store, today);
    for (;;) {
        WCMP_ASSIGN(const bool more, evictor.choose(stop));
        if (!more) return evictor.done();
        WCMP_TRY(evictor.rewrite_next(stop));
    }
}

Evicted expect_evict(TestStore& store) {
    const auto done = evict(store);
    EXPECT_TRUE(done.has_value()) << describe(done.error());
    return done ? *done : Evicted{};
}

// Bundles of messages of all sizes.
std::vector<std::vector<Sample>> hold_bundles(TestStore& store, std::size_t bundles, std::size_t messages) {
    std::vector<std::vector<Sample>> held;
    for (std::size_t i = 0; i < bundles; ++i) {
        auto& some = held.emplace_back();
        for (std::size_t j = 0; j < messages; ++j)
            some.push_back(store.make_one(first_day + static_cast<std::uint32_t>(j % 3),
                                          260 + store.random.next() % 3000));
        store.hold(some);
    }
    return held;
}

std::vector<Sample> flat(const std::vector<std::vector<Sample>>& bundles) {
    std::vector<Sample> all;
    for (const auto& some : bundles) all.insert(all.end(), some.begin(), some.end());
    return all;
}

// The store's quota, as a part of what it holds now.
void set_quota(TestStore& store, double part) {
    store.settings.store_bytes_max =
        static_cast<std::uint64_t>(part * static_cast<double>(store->snapshot()->bytes));
    store->set_settings(store.settings);
}

// Those that no threshold so far has evicted.
std::vector<Sample> entitled(TestStore& store, const std::vector<Sample>& messages) {
    const auto state = store->state();
    Ranking ranking(state.eviction_salt);
    std::vector<Sample> kept;
    for (const auto& message : messages)
        if (!is_evicted(ranking.rank(message.key.id.view()), state.eviction_threshold))
            kept.push_back(message);
    return kept;
}

std::uint64_t bytes_of(const std::vector<Sample>& messages) {
    std::uint64_t bytes = 0;
    for (const auto& message : messages) bytes += message.bytes.size();
    return bytes;
}

TEST(Evictor, WithinTheQuotaNothingGoes) {
    TestStore store;
    store.expect_open();
    const auto held = flat(hold_bundles(store, 3, 10));
    set_quota(store, 1);
    const auto steps = store.files.steps();
    EXPECT_EQ(expect_evict(store).messages, 0U);
    EXPECT_EQ(store.files.steps(), steps);
    EXPECT_EQ(store->state().eviction_threshold, threshold_max);
    store.expect_readable(held);
}

TEST(Evictor, BringsTheStoreBackToItsQuota) {
    for (const double part : {0.95, 0.7, 0.3, 0.05}) {
        TestStore store(static_cast<std::uint64_t>(part * 100));
        store.expect_open();
        const auto held = flat(hold_bundles(store, 12, 40));
        set_quota(store, part);
        const auto done = expect_evict(store);
        EXPECT_FALSE(store->is_above_quota());
        const auto threshold = store->state().eviction_threshold;
        EXPECT_LT(threshold, threshold_max);
        EXPECT_EQ(store.count_readable(held), held.size() - done.messages);
        EXPECT_LE(done.rewritten_bytes, 4 * done.freed_bytes) << part;
        store.expect_readable(entitled(store, held));
        // Not more than it needs: the last step alone may go below, by a fifth and what is in no message.
        EXPECT_GT(static_cast<double>(store->snapshot()->bytes),
                  0.6 * static_cast<double>(store.settings.store_bytes_max))
            << part;
        store.reopen();
        EXPECT_EQ(store->state().eviction_threshold, threshold);
        store.expect_readable(entitled(store, held));
        EXPECT_EQ(store.count_readable(held), held.size() - done.messages);
    }
}

TEST(Evictor, WhatBecomesEmptyIsUnlinked) {
    TestStore store;
    store.expect_open();
    hold_bundles(store, 4, 3);
    store.settings.store_bytes_max = 1;
    store->set_settings(store.settings);
    EXPECT_EQ(expect_evict(store).messages, 12U);
    EXPECT_TRUE(store.file_names(".wcmp").empty());
    EXPECT_EQ(store->snapshot()->bytes, 0U);
}

TEST(Evictor, OtherSaltsKeepOtherMessages) {
    std::vector<Sample> messages;
    std::vector<std::set<MessageKey>> kept;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        TestStore store(seed);
        store.expect_open();
        if (messages.empty())
            for (int i = 0; i < 600; ++i) messages.push_back(store.make_one());
        store.hold(messages);
        set_quota(store, 0.5);
        expect_evict(store);
        kept.push_back(keys_of(entitled(store, messages)));
    }
    std::vector<MessageKey> both;
    std::ranges::set_intersection(kept[0], kept[1], std::back_inserter(both));
    // Two halves chosen without regard to each other have a quarter in common.
    EXPECT_GT(both.size(), 100U);
    EXPECT_LT(both.size(), 220U);
}

// What nobody needs goes before anything that somebody may.
TEST(Evictor, TheDeadGoFirst) {
    TestStore store;
    store.expect_open();
    auto mixed = store.make(12, 1000);
    const auto live = mixed;
    for (int i = 0; i < 8; ++i) mixed.push_back(store.make_one(today.floor.number, 1000));
    store.hold(mixed);
    set_quota(store, 0.8);
    const auto done = expect_evict(store);
    EXPECT_EQ(done.messages, 0U);
    EXPECT_EQ(done.freed_bytes, 8000U);
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of(live)});
    EXPECT_EQ(store->state().eviction_threshold, threshold_max);
}

TEST(Evictor, ABundleWithAWrongIndexIsLeftAndTold) {
    TestStore store;
    store.expect_open();
    const auto held = hold_bundles(store, 3, 20);
    const auto name = name_of(held[1]);
    auto bytes = store.contents(name);
    bytes[limits::bundle_header_bytes + 3 * limits::bundle_day_bytes + 5] ^= 1;  // an id
    store.put(name, bytes);
    store.reopen();
    store.settings.store_bytes_max = 1;
    store->set_settings(store.settings);
    const auto done = expect_evict(store);
    ASSERT_EQ(done.damaged.size(), 1U);
    EXPECT_EQ(bundle::to_string(done.damaged[0]), name);
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name}) << "all the others went";
    EXPECT_FALSE(store->failing());
}

TEST(Evictor, ABundleThatCannotBeReadIsLeft) {
    TestStore store;
    store.expect_open();
    const auto held = hold_bundles(store, 3, 30);
    const auto name = name_of(held[1]);
    // Somewhere in its messages: what must be copied cannot be.
    store.disk.spoil(name, place_in_bundle(held[1], *std::ranges::min_element(held[1])), 20'000);
    set_quota(store, 0.6);
    const auto done = expect_evict(store);
    EXPECT_TRUE(done.damaged.empty());
    EXPECT_TRUE(store.file_names().contains(name));
    EXPECT_FALSE(store->failing());
    EXPECT_FALSE(store->is_above_quota());
    store.disk.mend();
    store.expect_readable(held[1]);
    store.expect_readable(entitled(store, flat(held)));
}

TEST(Evictor, WithoutRoomForWhatRemainsTheBundleGoesWhole) {
    TestStore store;
    store.expect_open();
    const auto held = hold_bundles(store, 6, 30);
    const auto names = store.file_names(".wcmp");
    const auto free = store.files.root()->space()->free_bytes;
    store.files.set_capacity((std::uint64_t{1} << 40) - free + limits::commit_reserve_bytes / 2);
    set_quota(store, 0.7);
    const auto done = expect_evict(store);
    EXPECT_FALSE(store->failing());
    EXPECT_FALSE(store->is_above_quota());
    EXPECT_EQ(done.rewritten_bytes, 0U);
    const auto left = store.file_names(".wcmp");
    EXPECT_TRUE(std::ranges::includes(names, left));
    EXPECT_EQ(done.messages, 30 * (6 - left.size()));
    std::uint64_t gone = 0;
    for (const auto& some : held)
        if (left.contains(name_of(some)))
            store.expect_readable(some);
        else
            gone += bytes_of(some);
    EXPECT_EQ(done.freed_bytes, gone);
}

TEST(Evictor, AStopEndsItAndLosesNothing) {
    TestStore store;
    store.expect_open();
    const auto held = flat(hold_bundles(store, 3, 20));
    set_quota(store, 0.5);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = evict(store, stop.get_token());
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().code, Errc::cancelled);
    store.expect_readable(held);
    expect_evict(store);
    EXPECT_FALSE(store->is_above_quota());
}

// Merged away between the choice and the turn.
TEST(Evictor, ABundleThatHasGoneMeanwhileIsPassedOver) {
    TestStore store;
    store.expect_open();
    const auto held = hold_bundles(store, 4, 30);
    set_quota(store, 0.6);
    Evictor evictor(*store, today);
    ASSERT_TRUE(evictor.choose({}).value());
    const auto snapshot = store->snapshot();
    for (const auto& bundle : snapshot->bundles)
        ASSERT_TRUE(store->publish({}, std::array{bundle->name()}).has_value());
    const auto steps = store.files.steps();
    ASSERT_TRUE(evictor.rewrite_next({}).has_value());
    EXPECT_EQ(store.files.steps(), steps);
    EXPECT_FALSE(evictor.choose({}).value());
}

// After whatever went wrong: everything that the threshold on the medium lets in is there, so what has gone
// does not come back. The next start goes on, and ends with all that, each once.
void expect_it_goes_on(TestStore& store, const std::vector<Sample>& held, const std::string& when) {
    store.expect_readable(entitled(store, held), when);
    expect_evict(store);
    EXPECT_FALSE(store->is_above_quota()) << when;
    store.expect_readable(entitled(store, held), when);
    EXPECT_EQ(store->snapshot()->messages, store.count_readable(held)) << "nothing twice, " << when;
}

TEST(Evictor, APowerCutAtAnyStepLosesNothingThatIsEntitled) {
    for (std::uint64_t step = 0;; ++step) {
        TestStore store(1000 + step);
        store.expect_open();
        const auto held = flat(hold_bundles(store, 4, 12));
        set_quota(store, 0.75);
        const auto cut = store.files.steps() + step;
        store.files.fail_at(cut, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
        std::ignore = evict(store);
        const bool reached = store.files.steps() > cut;
        store.power_cut();
        expect_it_goes_on(store, held, "step " + std::to_string(step));
        if (!reached) break;
    }
}

TEST(Evictor, AFailedWriteAtAnyStepEndsAllWritingAndLosesNothing) {
    for (const int os_error : {EIO, ENOSPC}) {
        for (std::uint64_t step = 0;; ++step) {
            TestStore store(step + 1);
            store.expect_open();
            const auto held = flat(hold_bundles(store, 3, 12));
            set_quota(store, 0.75);
            const auto failing_at = store.files.steps() + step;
            store.files.fail_at(failing_at, {.os_error = os_error, .lasts = io::Fault::Lasts::once});
            const auto done = evict(store);
            const bool reached = store.files.steps() > failing_at;
            // A bundle went whole where its rewrite had no room.
            const bool whole = done && os_error == ENOSPC && reached;
            if (!done) {
                const auto steps = store.files.steps();
                EXPECT_TRUE(store->failing() || done.error().code == Errc::no_space) << step;
                if (store->failing()) {
                    const auto again = evict(store);
                    EXPECT_TRUE(!store->is_above_quota() || again.error().code == Errc::store_failing);
                    EXPECT_EQ(store.files.steps(), steps);
                }
            }
            store.power_cut();
            if (whole)
                EXPECT_GE(store.count_readable(held) + 2 * 12, held.size()) << step;
            else
                expect_it_goes_on(store, held, "step " + std::to_string(step));
            if (!reached) break;
        }
    }
}

TEST(Evictor, TheThresholdCountsForWhatClientsHandIn) {
    TestStore store;
    store.expect_open();
    const auto waiting = store.make(40);
    store.enqueue(waiting);
    ASSERT_TRUE(store->change_state([](State& now) { now.eviction_threshold = threshold_max / 2; }));
    const auto more = store.make(60);
    const auto results = store.try_enqueue(more);
    const auto taken = keys_of(entitled(store, more));
    EXPECT_GT(taken.size(), 15U);
    EXPECT_LT(taken.size(), 45U);
    for (std::size_t i = 0; i < more.size(); ++i) {
        EXPECT_EQ(results[i].has_value(), taken.contains(more[i].key));
        if (results[i]) continue;
        EXPECT_EQ(results[i].error().code, Errc::refused);
        EXPECT_EQ(results[i].error().what, "evicted");
    }
    store.expect_fold();
    store.expect_readable(entitled(store, more));
    EXPECT_EQ(store.count_readable(waiting), entitled(store, waiting).size()) << "dropped in the fold";
}

}  // namespace
}  // namespace wcmp::store::test
