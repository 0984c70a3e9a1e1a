// What clients hand in is durable before they are answered, or refused by name.
#include "test_store.h"

namespace wcmp::store::test {
namespace {

// At every step the power goes: what was answered is there, and the relay starts.
TEST(Enqueue, WhatWasAnsweredOutlivesAPowerCutAtAnyStep) {
    bool reached = true;
    for (std::uint64_t step = 0; reached; ++step) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            TestStore store(seed * 100 + step);
            store.expect_open();
            std::vector<Sample> acknowledged;
            const auto cut = store.files.steps() + step;
            store.files.fail_at(cut, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            for (const std::size_t length : {300UL, 70'000UL, limits::journal_message_bytes_max + 1, 300UL}) {
                const auto message = store.make_one(first_day, length);
                if (store.try_enqueue({message})[0]) acknowledged.push_back(message);
            }
            reached = store.files.steps() > cut;
            store.power_cut();
            store.expect_readable(acknowledged, std::to_string(step));
            EXPECT_FALSE(store->failing());
        }
    }
}

TEST(Enqueue, AGroupIsOneSync) {
    TestStore store;
    store.expect_open();
    store.enqueue(store.make(1));
    const auto before = store.files.steps();
    store.enqueue(store.make(64));
    EXPECT_EQ(store.files.steps() - before, 3U) << "a write, the time, a sync";
}

TEST(Enqueue, TheSameTwiceIsTakenOnce) {
    TestStore store;
    store.expect_open();
    const auto message = store.make_one();
    store.enqueue({message, message});
    EXPECT_EQ(store->journal_messages(), 1U);
    const auto steps = store.files.steps();
    store.enqueue({message});
    EXPECT_EQ(store.files.steps(), steps) << "it was there already";
    store.reopen();
    EXPECT_EQ(store.report.folded, 1U);
}

TEST(Enqueue, ALargeOneIsABundleAtOnce) {
    TestStore store;
    store.expect_open();
    const auto large = store.make_one(first_day, limits::journal_message_bytes_max + 1);
    const auto small = store.make_one();
    const auto results = store.try_enqueue({small, large});
    EXPECT_FALSE(results[0]->in_bundle);
    EXPECT_TRUE(results[1]->in_bundle);
    EXPECT_EQ(store.file_names(".wcmp"), std::set{name_of({large})});
    store.expect_readable({small, large});
}

TEST(Enqueue, WhatAFullJournalDoesNotTakeIsABundleAtOnce) {
    TestStore store;
    store.expect_open();
    std::vector<Sample> all;
    bool in_bundle = false;
    while (!in_bundle && all.size() < 12) {
        all.push_back(store.make_one(first_day, limits::journal_message_bytes_max));
        in_bundle = store.try_enqueue({all.back()})[0].value().in_bundle;
    }
    EXPECT_TRUE(in_bundle);
    store.expect_readable(all);
}

TEST(Enqueue, EachIsRefusedForItself) {
    TestStore store;
    store.settings.admission = {.lifetime_days_max = 60, .message_bytes_max = 5000};
    store.expect_open();
    const auto good = store.make_one();
    auto malformed = store.make_one();
    malformed.bytes.resize(20);
    const message::Today trusted{.floor = today.floor, .trusted = today.floor};
    const std::vector<Bytes> messages{
        good.bytes,
        malformed.bytes,
        store.make_one(today.floor.number).bytes,
        store.make_one(today.floor.number + 200).bytes,
        store.make_one(today.floor.number + 61).bytes,
        store.make_one(first_day, 5001).bytes,
    };
    const auto results = store->enqueue(messages, trusted);
    ASSERT_EQ(results.size(), 6U);
    EXPECT_TRUE(results[0].has_value());
    EXPECT_EQ(results[1].error().code, Errc::size);
    EXPECT_EQ(results[2].error().code, Errc::expired);
    EXPECT_EQ(results[3].error().code, Errc::horizon);
    EXPECT_EQ(results[4].error().code, Errc::refused);
    EXPECT_EQ(results[4].error().what, "lifetime");
    EXPECT_EQ(results[5].error().code, Errc::too_large);
    EXPECT_EQ(store->journal_messages(), 1U);
}

TEST(Enqueue, AboveTheQuotaOrTheFreeSpaceNothingComesIn) {
    TestStore store;
    store.settings.store_bytes_max = 10'000;
    store.expect_open();
    const auto taken = store.make(3, 3000);
    store.enqueue(taken);
    const auto beyond = store.try_enqueue({store.make_one(first_day, 3000)})[0];
    EXPECT_EQ(beyond.error().code, Errc::refused);
    EXPECT_EQ(beyond.error().what, "import_share");
    store.settings.store_bytes_max = 1 << 20;
    store->set_settings(store.settings);
    store.enqueue(store.make(1, 3000));
    store.settings.store_keep_free_bytes = std::uint64_t{1} << 40;
    store->set_settings(store.settings);
    EXPECT_EQ(store->room(Drawer::messages).value().disk_bytes, 0U);
    EXPECT_EQ(store.try_enqueue({store.make_one()})[0].error().code, Errc::no_space);
    EXPECT_FALSE(store->failing());
    store.expect_readable(taken);
}

// A disk without room is no failing disk: what it holds is served, and with room it goes on.
TEST(Enqueue, AJournalThatCannotBeWrittenForWantOfRoomIsLeftForTheOther) {
    TestStore store;
    store.expect_open();
    store.files.fail_at(store.files.steps(), {.os_error = ENOSPC, .lasts = io::Fault::Lasts::once});
    const auto refused = store.try_enqueue({store.make_one()})[0];
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::no_space);
    EXPECT_FALSE(store->failing());
    const auto next = store.make(2);
    store.enqueue(next);
    store.power_cut();
    store.expect_readable(next);
}

TEST(Enqueue, AfterAFailedSyncNothingIsWrittenAndReadingGoesOn) {
    for (const int os_error : {EIO, ENOSPC}) {
        TestStore store;
        store.expect_open();
        const auto held = store.make(3);
        store.enqueue(held);
        store.files.fail_at(store.files.steps() + 2, {.os_error = os_error, .lasts = io::Fault::Lasts::once});
        EXPECT_EQ(store.try_enqueue(store.make(1))[0].error().os_error, os_error);
        EXPECT_TRUE(store->failing());
        const auto steps = store.files.steps();
        const auto large = store.make_one(first_day, limits::journal_message_bytes_max + 1);
        for (const auto& result : store.try_enqueue({store.make_one(), large}))
            EXPECT_EQ(result.error().code, Errc::store_failing);
        EXPECT_EQ(store.files.steps(), steps);
        store.expect_readable(held);
        store.power_cut();
        EXPECT_FALSE(store->failing()) << "the next start tries once more";
        store.expect_readable(held);
        store.enqueue(store.make(1));
    }
}

}  // namespace
}  // namespace wcmp::store::test
