// Messages by id: verified, alive, from the journal or from whichever bundle has a good copy.
#include "test_store.h"

namespace wcmp::store::test {
namespace {

TEST(Lookup, FindsWhatWaitsAndWhatIsInBundles) {
    TestStore store;
    store.expect_open();
    const auto waiting = store.make(3);
    const auto held = store.make(5, 900);
    store.enqueue(waiting);
    store.hold(held);
    store.expect_readable(waiting);
    store.expect_readable(held);
    EXPECT_EQ(store->length_of(held[2].key.id, today).value(), held[2].bytes.size());
    const auto unknown = store.make_one().key.id;
    EXPECT_EQ(store->read(unknown, today).error().code, Errc::not_found);
    EXPECT_EQ(store->length_of(unknown, today).error().code, Errc::not_found);
}

TEST(Lookup, TheDeadAreNotThere) {
    TestStore store;
    store.expect_open();
    const auto waiting = store.make_one(first_day);
    const auto held = store.make_one(first_day);
    const auto later = store.make_one(first_day + 1);
    store.enqueue({waiting});
    store.hold({held, later});
    const message::Today then{.floor = {first_day}};
    EXPECT_EQ(store->read(waiting.key.id, then).error().code, Errc::not_found);
    EXPECT_EQ(store->read(held.key.id, then).error().code, Errc::not_found);
    EXPECT_EQ(store->read(later.key.id, then).value(), later.bytes);
}

TEST(Lookup, AGoodCopyServesWhereOneIsDamagedOrCannotBeRead) {
    for (const bool unreadable : {false, true}) {
        TestStore store;
        store.expect_open();
        const auto messages = store.make(4, 5000);
        auto more = messages;
        more.push_back(store.make_one());
        const auto first = bundle::to_string(store.hold(messages));
        const auto second = bundle::to_string(store.hold(more));
        const auto worn = std::min(first, second);  // the one that is asked first
        const auto& in_it = worn == first ? messages : more;
        const auto place = place_in_bundle(in_it, messages[2]) + 100;
        if (unreadable)
            store.disk.spoil(worn, place, 1);
        else
            store.disk.change_after(worn, place, 0);
        store.expect_readable(messages);
    }
}

TEST(Lookup, WhatIsDamagedInAllCopiesIsNotServed) {
    TestStore store;
    store.expect_open();
    const auto messages = store.make(3);
    const auto name = bundle::to_string(store.hold(messages));
    store.disk.change_after(name, place_in_bundle(messages, messages[1]) + 50, 0);
    EXPECT_EQ(store->read(messages[1].key.id, today).error().code, Errc::not_found);
    EXPECT_EQ(store.count_readable(messages), 2U);
}

// Acknowledged, and then the journal's sector goes bad while the bundle has it too.
TEST(Lookup, ABundleServesWhatTheJournalCannotGive) {
    TestStore store;
    store.expect_open();
    const auto message = store.make_one();
    store.enqueue({message});
    store.disk.spoil("journal-0", 0, limits::journal_file_bytes);
    EXPECT_FALSE(store->read(message.key.id, today).has_value());
    store.hold({message});
    store.expect_readable({message});
}

}  // namespace
}  // namespace wcmp::store::test
