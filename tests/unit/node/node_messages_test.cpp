// Messages of clients: enqueue, fold, read, recognise.
#include "core/cursor.h"
#include "core/writer.h"
#include "message/identify.h"
#include "test_relay.h"

#include <set>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;

struct NodeMessages : testing::Test {
    TestRelay relay;
    void SetUp() override {
        const auto started = relay.start();
        ASSERT_TRUE(started.has_value()) << describe(started.error());
    }

    Errc error_of(const Bytes& message) {
        const auto answer = relay.enqueue(message);
        return answer ? Errc::internal : answer.error().code;
    }
    std::vector<MessageId> enqueue_all(const std::vector<Bytes>& messages) {
        std::vector<MessageId> ids;
        for (const auto& message : messages) ids.push_back(relay.enqueue(message)->id);
        return ids;
    }
};

std::vector<MessageId> ids_of(const RecognitionPart& part) {
    std::vector<MessageId> ids;
    Cursor input(part.records);
    while (input.remaining() > 0) {
        Cursor record(*input.take(*input.u16()));
        (void)record.take(10);  // suite, slot_exp, expires, length
        ids.push_back(*record.fixed<MessageId>());
    }
    return ids;
}

TEST_F(NodeMessages, WhoKnowsAnIdHasItAtOnceOthersAfterTheFold) {
    const auto message = relay.message();
    const auto enqueued = relay.enqueue(message);
    ASSERT_TRUE(enqueued.has_value()) << enqueued.error().detail;
    EXPECT_EQ(enqueued->id, message::message_id(message));
    EXPECT_EQ(relay.read(enqueued->id), message);
    EXPECT_EQ(relay.node().status().messages, 0u);
    EXPECT_TRUE(relay.node().bundles().empty());
    EXPECT_EQ(relay.recognition("", 10)->count, 0u);

    ASSERT_TRUE(relay.fold().has_value());
    EXPECT_EQ(relay.node().status().messages, 1u);
    EXPECT_EQ(relay.node().status().expires_first, enqueued->expires);
    EXPECT_EQ(ids_of(*relay.recognition("", 10)), std::vector{enqueued->id});
    EXPECT_EQ(relay.read(enqueued->id), message);
    relay.run_until([&] { return relay.events_of("messages.added") == 1; });
}

TEST_F(NodeMessages, EnqueueingAgainIsTheSame) {
    const auto message = relay.message();
    const auto first = relay.enqueue(message);
    EXPECT_EQ(relay.enqueue(message)->id, first->id);
    ASSERT_TRUE(relay.fold().has_value());
    EXPECT_EQ(relay.enqueue(message)->id, first->id);
    ASSERT_TRUE(relay.fold().has_value());
    EXPECT_EQ(relay.node().status().messages, 1u);
}

TEST_F(NodeMessages, AHundredAtOnceAreAllAnswered) {
    std::size_t answered = 0;
    for (const auto& message : relay.messages(100))
        relay.node().enqueue(message,
                             [&answered](const Outcome<Enqueued>& given) { answered += given.has_value(); });
    relay.run_until([&] { return answered == 100; });
    ASSERT_TRUE(relay.fold().has_value());
    EXPECT_EQ(relay.node().status().messages, 100u);
}

TEST_F(NodeMessages, AMinuteAfterTheFirstTheyAreFolded) {
    ASSERT_TRUE(relay.enqueue(relay.message()).has_value());
    relay.advance(seconds(30));
    ASSERT_TRUE(relay.enqueue(relay.message()).has_value());
    EXPECT_EQ(relay.node().status().messages, 0u);
    relay.advance(seconds(30));
    relay.run_until([&] { return relay.node().status().messages == 2; });
}

TEST_F(NodeMessages, AJournalOfAMebibyteIsFolded) {
    std::size_t stored = 0;
    while (stored <= limits::journal_fold_bytes) {
        const auto message = relay.message();
        ASSERT_TRUE(relay.enqueue(message).has_value());
        stored += message.size();
    }
    relay.run_until([&] { return relay.node().status().messages > 0; });
}

TEST_F(NodeMessages, WhatIsWrongIsToldByItsClass) {
    auto message = relay.message();
    EXPECT_EQ(error_of({1, 2, 3}), Errc::size);
    message[0] = 0;
    EXPECT_EQ(error_of(message), Errc::suite);
    message = relay.message();
    put_number(MutableBytes(message).subspan(33), test_day);
    EXPECT_EQ(error_of(message), Errc::expired);
}

TEST_F(NodeMessages, ARefusalNamesItsRule) {
    relay.end();
    relay.settings.rules.lifetime_days_max = 1;
    relay.clock.is_disciplined = true;  // lifetimes count only under a clock that is trusted
    ASSERT_TRUE(relay.start().has_value());
    auto message = relay.message();
    put_number(MutableBytes(message).subspan(33), test_day + 2);
    const auto answer = relay.enqueue(message);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::refused);
    EXPECT_EQ(answer.error().rule, "lifetime");
}

TEST_F(NodeMessages, OneThatIsTooLargeNamesTheLimit) {
    relay.end();
    relay.settings.rules.message_bytes_max = 1543;
    ASSERT_TRUE(relay.start().has_value());
    Bytes message;
    while (message.size() <= 1543) message = relay.message();
    const auto answer = relay.enqueue(message);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::too_large);
    EXPECT_EQ(answer.error().limit, 1543u);
}

TEST_F(NodeMessages, WhatIsNotHeldIsNotFound) {
    EXPECT_EQ(relay.read(MessageId{}).error().code, Errc::not_found);
    const auto length =
        relay.ask<std::uint64_t>([&](auto reply) { relay.node().length_of(MessageId{}, std::move(reply)); });
    EXPECT_EQ(length.error().code, Errc::not_found);
}

TEST_F(NodeMessages, AcknowledgedMessagesOutliveTheProcess) {
    const auto messages = relay.messages(5);
    const auto ids = enqueue_all(messages);
    relay.end();  // no fold, no goodbye
    ASSERT_TRUE(relay.start().has_value());
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(relay.read(ids[i]), messages[i]);
    EXPECT_EQ(relay.node().status().messages, 5u);
}

TEST_F(NodeMessages, ASecondOwnerIsRefused) {
    TestRelay other;
    auto directory = io::open_or_make_directory(relay.folder.path / "store");
    ASSERT_TRUE(directory.has_value());
    const auto started = other.start(std::move(*directory));
    ASSERT_FALSE(started.has_value());
    EXPECT_EQ(started.error().code, Errc::busy);
}

struct NodeRecognition : NodeMessages {
    // Everything from a cursor on, in parts; the cursor goes on.
    std::vector<MessageId> all(std::string& cursor, std::size_t records_max, DayRange range = {}) {
        std::vector<MessageId> ids;
        for (;;) {
            const auto part = relay.recognition(cursor, records_max, range);
            if (!part) {
                ADD_FAILURE() << part.error().detail;
                return ids;
            }
            EXPECT_LE(part->count, records_max);
            const auto some = ids_of(*part);
            EXPECT_EQ(some.size(), part->count);
            ids.insert(ids.end(), some.begin(), some.end());
            cursor = part->cursor;
            if (part->caught_up) return ids;
        }
    }
    std::set<MessageId> fill(std::size_t count) {
        const auto ids = enqueue_all(relay.messages(count));
        EXPECT_TRUE(relay.fold().has_value());
        return {ids.begin(), ids.end()};
    }
};

TEST_F(NodeRecognition, EverythingInPartsOfAnySizeAndEachOnce) {
    const auto expected = fill(23);
    for (const std::size_t records_max : {1u, 2u, 7u, 23u, 1000u}) {
        std::string cursor;
        const auto ids = all(cursor, records_max);
        EXPECT_EQ(ids.size(), expected.size());
        EXPECT_EQ(std::set(ids.begin(), ids.end()), expected);
        EXPECT_TRUE(all(cursor, records_max).empty());
    }
}

TEST_F(NodeRecognition, WhatArrivesDuringTheScanIsNotMissed) {
    auto expected = fill(10);
    auto part = relay.recognition("", 4);
    auto ids = ids_of(*part);
    expected.merge(fill(10));
    auto cursor = part->cursor;
    for (const auto& id : all(cursor, 3)) ids.push_back(id);
    EXPECT_EQ(std::set(ids.begin(), ids.end()), expected);
    const auto later = fill(5);
    const auto followed = all(cursor, 2);
    EXPECT_EQ(std::set(followed.begin(), followed.end()), later);
    EXPECT_EQ(followed.size(), 5u);
}

TEST_F(NodeRecognition, ARecordHoldsWhatAClientNeeds) {
    const auto message = relay.message();
    const auto enqueued = relay.enqueue(message);
    ASSERT_TRUE(relay.fold().has_value());
    const auto part = relay.recognition("", 10);
    Cursor record(part->records);
    const auto slots = std::size_t{1} << message[38];
    EXPECT_EQ(*record.u16(), 106 + 16 * slots);
    EXPECT_EQ(*record.u8(), 1);
    EXPECT_EQ(*record.u8(), message[38]);
    EXPECT_EQ(*record.u32(), enqueued->expires.number);
    EXPECT_EQ(*record.u32(), message.size());
    EXPECT_EQ(*record.fixed<MessageId>(), enqueued->id);
    (void)record.take(32);
    const ByteView view(message);
    EXPECT_EQ(*record.fixed<Nonce1>(), Nonce1::from(view.subspan(1, 16)));
    EXPECT_EQ(*record.fixed<HintTag>(), HintTag::from(view.subspan(17, 16)));
    EXPECT_EQ(record.remaining(), 16 * slots);
}

TEST_F(NodeRecognition, OnlyTheDaysAskedFor) {
    fill(30);
    std::map<std::uint32_t, std::size_t> days;
    const auto everything = relay.recognition("", 100);
    Cursor input(everything->records);
    while (input.remaining() > 0) {
        Cursor record(*input.take(*input.u16()));
        (void)record.take(2);
        ++days[*record.u32()];
    }
    for (const auto& [day, count] : days) {
        std::string cursor;
        EXPECT_EQ(all(cursor, 5, {day, std::uint64_t{day} + 1}).size(), count);
    }
    std::string cursor;
    EXPECT_TRUE(all(cursor, 5, {days.rbegin()->first + 1}).empty());
}

TEST_F(NodeRecognition, CursorsEndWithTheRun) {
    fill(3);
    const auto cursor = relay.recognition("", 10)->cursor;
    relay.restart();
    EXPECT_EQ(relay.recognition(cursor, 10).error().code, Errc::expired);
    EXPECT_EQ(relay.recognition("nonsense", 10).error().code, Errc::invalid);
}

TEST_F(NodeRecognition, ALongPollIsWokenByAnArrival) {
    int woken = 0;
    const auto waiting = relay.node().on_arrival([&woken] { ++woken; });
    auto gone = relay.node().on_arrival([] { FAIL() << "nobody listens any more"; });
    gone.reset();
    fill(1);
    relay.run_until([&] { return woken > 0; });
    fill(1);
    EXPECT_EQ(woken, 1) << "once";
}

TEST_F(NodeRecognition, DeadMessagesAreNotServed) {
    const auto ids = enqueue_all(relay.messages(3));
    ASSERT_TRUE(relay.fold().has_value());
    relay.clock.is_disciplined = true;
    for (int week = 0; week < 27; ++week) relay.advance(std::chrono::days(7));
    relay.run_until([&] { return relay.node().bundles().empty(); });
    std::string cursor;
    EXPECT_TRUE(all(cursor, 10).empty());
    EXPECT_EQ(relay.read(ids[0]).error().code, Errc::not_found);
    relay.run_until([&] { return relay.node().status().messages == 0; });
    relay.run_until([&] { return relay.events_of("messages.expired") > 0; });
    EXPECT_GT(relay.events_of("clock.changed"), 0u);
}

TEST_F(NodeMessages, BundlesAreServedAsTheyAreToTheirEnd) {
    enqueue_all(relay.messages(3));
    ASSERT_TRUE(relay.fold().has_value());
    const auto infos = relay.node().bundles();
    ASSERT_EQ(infos.size(), 1u);
    EXPECT_EQ(infos[0].messages, 3u);
    const auto file = relay.node().open_bundle(infos[0].name);
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE(relay.enqueue(relay.message()).has_value());
    ASSERT_TRUE(relay.fold().has_value());  // absorbs the first one
    EXPECT_FALSE(std::filesystem::exists(relay.folder.path / "store" / infos[0].name));
    EXPECT_EQ((*file)->size(), infos[0].bytes);
    const auto start = relay.ask<Bytes>([&](auto reply) { (*file)->read(0, 8, std::move(reply)); });
    ASSERT_TRUE(start.has_value());
    EXPECT_EQ(std::string(start->begin(), start->end()), "WCMPBDL1");
    const auto beyond =
        relay.ask<Bytes>([&](auto reply) { (*file)->read(infos[0].bytes - 1, 2, std::move(reply)); });
    EXPECT_EQ(beyond.error().code, Errc::truncated);
    EXPECT_EQ(relay.node().open_bundle(infos[0].name).error().code, Errc::not_found);
    EXPECT_EQ(relay.node().open_bundle("../state").error().code, Errc::not_found);
}

TEST_F(NodeMessages, StatusSaysWhatItIs) {
    const auto status = relay.node().status();
    EXPECT_EQ(status.state, "idle");
    EXPECT_EQ(status.service, "user");
    EXPECT_EQ(status.version, "1.2.3");
    EXPECT_EQ(status.today, Day{test_day});
    EXPECT_EQ(status.trust, "none");
    EXPECT_EQ(status.quota_bytes, std::uint64_t{4} << 30);
    EXPECT_THAT(status.warnings, Contains("no_cover"));
    EXPECT_EQ(relay.node().summary(), "idle: no_cover");
    relay.advance(seconds(90));
    EXPECT_EQ(relay.node().status().uptime, seconds(90));
}

TEST_F(NodeMessages, ReloadingChangesWhatCanChange) {
    relay.settings.rules.message_bytes_max = 2000;
    relay.node().reload(relay.settings);
    EXPECT_EQ(relay.node().limits().message_bytes_max, 2000u);
    relay.run_until([&] { return relay.events_of("settings.reloaded") == 1; });
    Bytes message;
    while (message.size() <= 2000) message = relay.message();
    EXPECT_EQ(error_of(message), Errc::too_large);
}

TEST_F(NodeMessages, TheOperatorSetsTheDay) {
    const auto refused = relay.node().set_today(Day{test_day - 1});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_EQ(refused.error().rule, "clock");
    ASSERT_TRUE(relay.node().set_today(Day{test_day + 3}).has_value());
    EXPECT_EQ(relay.node().status().today, Day{test_day + 3});
    EXPECT_EQ(relay.node().status().trust, "operator");
    relay.restart();
    EXPECT_EQ(relay.node().status().today, Day{test_day + 3}) << "the high-water day outlives the run";
    EXPECT_EQ(relay.node().status().trust, "none");
}

TEST(NodeFailingStore, ReadsGoOnWritesAreRefusedAndTheProcessEnds) {
    TestRelay relay;
    io::MemoryFileSystem files(7);
    ASSERT_TRUE(relay.start(files.root()).has_value());
    const auto message = relay.message();
    const auto held = relay.enqueue(message);
    ASSERT_TRUE(held.has_value());
    files.fail_at(files.steps(), {.os_error = EIO, .lasts = io::Fault::Lasts::writes});
    EXPECT_FALSE(relay.enqueue(relay.message()).has_value());
    EXPECT_EQ(relay.enqueue(relay.message()).error().code, Errc::store_failing);
    EXPECT_EQ(relay.read(held->id), message);
    EXPECT_EQ(relay.node().status().state, "attention");
    EXPECT_THAT(relay.node().summary(), HasSubstr("store_failing"));
    relay.advance(seconds(9));
    EXPECT_FALSE(relay.exit_code.has_value());
    relay.advance(seconds(1));
    EXPECT_EQ(relay.exit_code, 75);
}

}  // namespace
}  // namespace wcmp::node::test
