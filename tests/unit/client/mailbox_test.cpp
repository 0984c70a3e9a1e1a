// A mailbox and a relay that is wrong, hostile or forgetful.
#include "client/mailbox.h"

#include "core/writer.h"
#include "io/memory.h"
#include "message/identify.h"
#include "message/layout.h"
#include "message/recognise.h"
#include "message/seal.h"
#include "scripted_relay.h"
#include "unit/client/cheap.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

using test::answer;
using test::json_answer;
using test::problem;
using test::ScriptedRelay;

constexpr Day written{20'000};  // 2024-10-04

std::string text_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string status(std::string_view today = "2024-10-04", std::string_view trust = "synced") {
    return json_answer(
        200, R"({"clock":{"today":")" + std::string(today) + R"(","trust":")" + std::string(trust) + "\"}}");
}

// The relay's record of a message.
std::string record_of(ByteView message) {
    const auto header = message::parse_header(message).value();
    const auto identity = message::Identifier().identify(message);
    Bytes bytes;
    Writer out(bytes);
    const std::size_t slots = std::size_t{1} << header.slot_exp;
    out.u16(static_cast<std::uint16_t>(106 + 16 * slots));
    out.u8(1);
    out.u8(header.slot_exp);
    out.u32(header.expires.number);
    out.u32(static_cast<std::uint32_t>(message.size()));
    out.bytes(identity.id.view());
    out.bytes(identity.digest.view());
    out.bytes(header.nonce1.view());
    out.bytes(header.from_tag.view());
    for (std::size_t i = 0; i < slots; ++i) out.bytes(message::slot_at(message, header, i).to_tag);
    return text_of(bytes);
}

std::string page(std::string_view records, std::string_view cursor) {
    return answer(200, records, "Wcmp-Cursor: " + std::string(cursor) + "\r\n");
}

std::string fetched(ByteView message) {
    Bytes bytes;
    Writer out(bytes);
    out.u32(static_cast<std::uint32_t>(message.size()));
    out.bytes(message);
    return answer(200, text_of(bytes));
}

class MailboxTest : public testing::Test {
protected:
    io::MemoryFileSystem files{1};
    SeededRandom random{1};
    Vault vault = Vault::create(files.root(), "pass", cheap, random).value();
    message::SecretKey alice = message::SecretKey::generate(random).value();
    message::SecretKey bob = message::SecretKey::generate(random).value();

    void SetUp() override {
        vault.profile().keys.push_back({"bob", bob});
        vault.profile().contacts.push_back({"alice", alice.public_key()});
    }

    Bytes to_bob(std::string_view text, std::uint32_t days = 28) {
        const std::vector<message::PublicKey> receivers{bob.public_key()};
        const Bytes content(text.begin(), text.end());
        return message::seal({.sender = &alice,
                              .receivers = receivers,
                              .content = content,
                              .expires = Day{written.number + days}},
                             random)
            .value();
    }

    Result<Exchanged> exchange(std::deque<ScriptedRelay::Reply> replies) {
        ScriptedRelay scripted(std::move(replies));
        Relay relay(scripted.socket());
        Mailbox mailbox(vault, relay, clock);
        latest = {};
        const auto exchanged = mailbox.exchange(latest);
        requests = scripted.requests();
        doubt = mailbox.judged().doubt;
        if (!exchanged) return std::unexpected(exchanged.error());
        return latest;
    }

    // A letter to alice that no relay has taken yet; dead after 28 days or a few more.
    Bytes sent_letter() {
        auto sealed = compose(vault.profile(), {.to = {"alice"}}, Bytes{'h', 'i'}, written, random).value();
        auto message = sealed.message;
        ScriptedRelay scripted({{problem(507, "store_full")}});
        Relay relay(scripted.socket());
        EXPECT_TRUE(Mailbox(vault, relay, clock).send(std::move(sealed))->kept);
        return message;
    }

    void damage_letters() {
        const auto letters = files.root()->open_directory("letters").value();
        std::vector<std::string> names;
        ASSERT_TRUE(letters->list([&](std::string_view name) { names.emplace_back(name); }));
        for (const auto& name : names)
            ASSERT_TRUE(letters->open_for_writing(name).value()->write_at(20, Bytes{'X'}));
    }

    OwnClock clock{.day = written};
    std::vector<std::string> requests;
    Exchanged latest;
    DayDoubt doubt = DayDoubt::none;
};

TEST_F(MailboxTest, ReceivesOnce) {
    const auto message = to_bob("hello");
    const auto first =
        exchange({{status()}, {page(record_of(message), "c1")}, {fetched(message)}, {page("", "c2")}});
    ASSERT_TRUE(first);
    ASSERT_EQ(first->received, (std::vector<std::uint32_t>{1}));
    const auto& letter = *vault.profile().find_letter(1);
    EXPECT_EQ(text_of(vault.content(letter).value()), "hello");
    EXPECT_EQ(letter.contacts, (std::vector<std::string>{"alice"}));
    EXPECT_EQ(letter.own_key, "bob");
    EXPECT_EQ(vault.profile().cursor, "c2");
    EXPECT_EQ(vault.profile().day, written);
    // The record comes twice: nothing is fetched.
    const auto second = exchange({{status()}, {page(record_of(message), "c3")}, {page("", "c3")}});
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->received.empty());
    EXPECT_NE(requests[1].find("after=c2"), std::string::npos);
}

TEST_F(MailboxTest, AStrangerIsNobody) {
    vault.profile().contacts.clear();
    const auto message = to_bob("guess");
    ASSERT_TRUE(
        exchange({{status()}, {page(record_of(message), "c1")}, {fetched(message)}, {page("", "c2")}}));
    EXPECT_TRUE(vault.profile().find_letter(1)->contacts.empty());
}

TEST_F(MailboxTest, ATagAloneProvesNothing) {
    auto message = to_bob("hello");
    message.back() ^= 1;  // the signature: tags and body are as they were
    const auto done =
        exchange({{status()}, {page(record_of(message), "c1")}, {fetched(message)}, {page("", "c2")}});
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->received.empty());
    EXPECT_TRUE(vault.profile().letters.empty());
}

TEST_F(MailboxTest, WhatIsGoneOrDeadIsLeftAlone) {
    const auto gone = to_bob("gone");
    const auto dead = to_bob("dead", 0);
    const auto done = exchange({{status()},
                                {page(record_of(gone) + record_of(dead), "c1")},
                                {answer(200, std::string(4, '\0'))},
                                {page("", "c2")}});
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->received.empty());
}

TEST_F(MailboxTest, AnotherMessageThanAskedForIsRefused) {
    const auto done =
        exchange({{status()}, {page(record_of(to_bob("one")), "c1")}, {fetched(to_bob("two"))}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::remote);
    EXPECT_TRUE(vault.profile().letters.empty());
}

TEST_F(MailboxTest, StartsAgainWhenTheCursorHasExpired) {
    vault.profile().cursor = "old";
    ASSERT_TRUE(exchange({{status()}, {problem(410, "cursor_expired")}, {page("", "new")}}));
    EXPECT_NE(requests[1].find("after=old"), std::string::npos);
    EXPECT_EQ(requests[2].find("after="), std::string::npos);
    EXPECT_EQ(vault.profile().cursor, "new");
    const auto never = exchange({{status()}, {problem(410, "c")}, {problem(410, "c")}});
    EXPECT_EQ(never.error().code, Errc::expired);
}

TEST_F(MailboxTest, EndsWhenTheCursorDoesNotMove) {
    vault.profile().contacts.clear();
    vault.profile().keys.clear();
    const auto record = record_of(to_bob("x"));
    EXPECT_EQ(exchange({{status()}, {page(record, "c1")}, {page(record, "c1")}}).error().code, Errc::remote);
}

TEST_F(MailboxTest, BrokenRecordsAreAnError) {
    EXPECT_FALSE(exchange({{status()}, {page("\x01", "c1")}}));
}

TEST_F(MailboxTest, ADayDoesNotGoBack) {
    vault.profile().day = Day{20'001};
    ASSERT_TRUE(exchange({{status()}, {page("", "c1")}}));
    EXPECT_EQ(vault.profile().day, Day{20'001});
}

TEST_F(MailboxTest, ADayThatNobodyIsSureOfDeletesNothing) {
    const auto message = sent_letter();
    vault.profile().seen.add(Digest{}, Day{20'005});
    for (const std::string_view trust : {"none", "synced"}) {
        ASSERT_TRUE(exchange({{status("2099-01-01", trust)}, {page("", "c")}, {answer(200, "")}}));
        EXPECT_EQ(latest.forgotten, 0U);
        EXPECT_EQ(doubt, DayDoubt::relay_ahead);
        EXPECT_LE(vault.profile().day, written);
        EXPECT_TRUE(vault.profile().seen.contains(Digest{}));
        ASSERT_EQ(vault.profile().letters.size(), 1U);
        EXPECT_TRUE(requests.back().starts_with("HEAD "));  // it is alive
    }
    // Not even the own clock does, while it is not sure of itself.
    clock.day = Day{20'100};
    ASSERT_TRUE(exchange({{status("2025-01-12", "none")}, {page("", "c")}}));
    EXPECT_EQ(vault.profile().letters.size(), 1U);
}

TEST_F(MailboxTest, WhatWasKeptTooHighIsTakenBack) {
    const auto message = to_bob("hello");
    vault.profile().day = Day{47'000};
    const auto now =
        exchange({{status()}, {page(record_of(message), "c1")}, {fetched(message)}, {page("", "c2")}});
    ASSERT_TRUE(now);
    EXPECT_EQ(now->received.size(), 1U);
    EXPECT_EQ(vault.profile().day, written);
    EXPECT_EQ(doubt, DayDoubt::saved_taken_back);
}

TEST_F(MailboxTest, ADamagedFileStopsOnlyItsOwnLetter) {
    sent_letter();
    damage_letters();
    const auto whole = sent_letter();
    const auto letter = to_bob("hello");
    const auto now = exchange({{status()},
                               {page(record_of(letter), "c1")},
                               {fetched(letter)},
                               {page("", "c2")},
                               {answer(404, "")},
                               {answer(404, "")},
                               {json_answer(201, "{}")}});
    ASSERT_TRUE(now);
    EXPECT_EQ(now->damaged, (std::vector<std::uint32_t>{1}));
    EXPECT_EQ(now->sent_again, 1U);
    EXPECT_EQ(now->received.size(), 1U);
}

TEST_F(MailboxTest, AfterAnErrorWhatWasReceivedIsTold) {
    sent_letter();
    const auto message = to_bob("hello");
    EXPECT_FALSE(exchange({{status()},
                           {page(record_of(message), "c1")},
                           {fetched(message)},
                           {page("", "c2")},
                           {problem(500, "internal")}}));
    EXPECT_EQ(latest.received, (std::vector<std::uint32_t>{2}));
}

TEST_F(MailboxTest, ALetterThatARelayCallsExpiredIsKept) {
    auto sealed = compose(vault.profile(), {.to = {"alice"}}, Bytes{'h'}, written, random).value();
    ScriptedRelay scripted({{problem(410, "expired")}});
    Relay relay(scripted.socket());
    const auto sent = Mailbox(vault, relay, clock).send(std::move(sealed));
    ASSERT_TRUE(sent);
    EXPECT_TRUE(sent->kept);
    EXPECT_EQ(sent->enqueued.error().code, Errc::expired);
}

TEST_F(MailboxTest, TheLetterThatIsAnsweredHasItsNumberAndTheContentsSize) {
    auto sealed = compose(vault.profile(), {.to = {"alice", "alice"}}, Bytes(700), written, random).value();
    ScriptedRelay scripted({{json_answer(201, "{}")}});
    Relay relay(scripted.socket());
    const auto sent = Mailbox(vault, relay, clock).send(std::move(sealed));
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->letter.number, 1U);
    EXPECT_EQ(sent->letter.content_bytes, 700U);
    EXPECT_EQ(sent->letter.contacts, (std::vector<std::string>{"alice"}));
    EXPECT_EQ(vault.profile().find_letter(1)->content_bytes, 700U);
}

TEST_F(MailboxTest, SendsKeepsAndSendsAgain) {
    const auto message = sent_letter();
    // Lost; taken again; held; lost and refused; dead.
    const auto again = exchange({{status()}, {page("", "c")}, {answer(404, "")}, {json_answer(201, "{}")}});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->sent_again, 1U);
    EXPECT_TRUE(requests[3].ends_with(text_of(message)));
    EXPECT_EQ(exchange({{status()}, {page("", "c")}, {answer(200, "")}})->sent_again, 0U);
    EXPECT_EQ(
        exchange({{status()}, {page("", "c")}, {answer(404, "")}, {problem(507, "store_full")}})->not_taken,
        1U);
    clock.day = Day{20'100};
    EXPECT_EQ(exchange({{status("2025-01-12")}, {page("", "c")}})->forgotten, 1U);
    EXPECT_TRUE(vault.profile().letters.empty());
}

TEST_F(MailboxTest, WhatCanNeverBeTakenIsNotKept) {
    auto sealed = compose(vault.profile(), {.to = {"alice"}}, ByteView(), written, random);
    ASSERT_TRUE(sealed);
    ScriptedRelay scripted({{problem(422, "refused")}});
    Relay relay(scripted.socket());
    const auto sent = Mailbox(vault, relay, clock).send(std::move(*sealed));
    ASSERT_TRUE(sent);
    EXPECT_FALSE(sent->kept);
    EXPECT_TRUE(vault.profile().letters.empty());
}

TEST_F(MailboxTest, AsksForTheLatestOfARelayThatMayBeUnableToWrite) {
    ScriptedRelay scripted(
        {{json_answer(200, "{}")}, {problem(507, "store_failing")}, {problem(500, "internal")}});
    Relay relay(scripted.socket());
    Mailbox mailbox(vault, relay, clock);
    EXPECT_TRUE(mailbox.ask_for_latest());
    EXPECT_TRUE(mailbox.ask_for_latest());
    EXPECT_EQ(mailbox.ask_for_latest().error().code, Errc::remote);
}

}  // namespace
}  // namespace wcmp::client
