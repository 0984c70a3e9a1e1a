// What the vectors leave open: several own keys and contacts, the replay set, recognition.
#include "message/open.h"

#include "correspondents.h"
#include "message/layout.h"
#include "message/recognise.h"

namespace wcmp::message {
namespace {

const Bytes meet{'m', 'e', 'e', 't'};

TEST(Open, TellsWhichOwnKeyAndWhoWrote) {
    Correspondents people(1);
    const auto message = seal(people.request(meet), people.random).value();
    const std::vector own{people.carol, people.bob};
    const std::vector contacts{people.carol.public_key(), people.alice.public_key()};
    ReplaySet seen;
    const auto opened = open(message, own, contacts, trusted(written), seen);
    ASSERT_EQ(outcome(opened), "ok");
    EXPECT_EQ(opened->content, meet);
    EXPECT_EQ(opened->own_key, 1u);
    EXPECT_EQ(opened->sender, people.alice.public_key());
    EXPECT_EQ(opened->identity.id, message_id(message));
    EXPECT_EQ(seen.all().at(opened->identity.digest), default_expiry(written, 28));
}

TEST(Open, WithoutTheSendersKeyTheMessageIsUnauthenticated) {
    Correspondents people(2);
    auto message = seal(people.request(meet), people.random).value();
    message.back() ^= 1;  // nobody can tell
    ReplaySet seen;
    const auto opened = open(message, std::span(&people.bob, 1), {}, trusted(written), seen);
    ASSERT_EQ(outcome(opened), "ok");
    EXPECT_FALSE(opened->sender);
    EXPECT_EQ(outcome(people.bob_opens(message)), "E_SIGNATURE");
}

TEST(Open, NeedsAnOwnKey) {
    Correspondents people(3);
    ReplaySet seen;
    EXPECT_EQ(outcome(open(people.letter(), {}, {}, trusted(written), seen)), "E_NOT_MINE");
    EXPECT_EQ(outcome(open(people.letter(), std::span(&people.carol, 1), {}, trusted(written), seen)),
              "E_NOT_MINE");
    EXPECT_TRUE(seen.all().empty());
}

TEST(Open, ChecksWhatARelayChecks) {
    Correspondents people(4);
    ReplaySet seen;
    const auto message = people.letter();
    const auto dead = default_expiry(written, 28);
    EXPECT_EQ(outcome(open(message, std::span(&people.bob, 1), {}, trusted(dead), seen)), "E_EXPIRED");
    auto opaque = message;
    opaque[0] = 2;
    EXPECT_EQ(outcome(people.bob_opens(opaque)), "E_SUITE");
}

TEST(Open, ACopyThatFailsDoesNotBlockTheGoodOne) {
    Correspondents people(5);
    const auto message = people.letter();
    auto broken = message;
    broken.back() ^= 1;
    ReplaySet seen;
    const auto opened = [&](const Bytes& copy) {
        return outcome(open(copy, std::span(&people.bob, 1), people.knows_alice, trusted(written), seen));
    };
    EXPECT_EQ(opened(broken), "E_SIGNATURE");
    EXPECT_TRUE(seen.all().empty());
    EXPECT_EQ(opened(message), "ok");
    EXPECT_EQ(opened(message), "E_REPLAY");
    EXPECT_EQ(opened(broken), "E_REPLAY");
}

TEST(ReplaySet, ForgetsWhatIsDead) {
    ReplaySet seen;
    const auto digest = [](std::uint8_t number) {
        Digest result;
        result.bytes[0] = number;
        return result;
    };
    for (std::uint8_t day = 1; day <= 5; ++day) seen.add(digest(day), Day{day});
    seen.forget(Day{3});
    EXPECT_FALSE(seen.contains(digest(3)));
    EXPECT_TRUE(seen.contains(digest(4)));
    EXPECT_EQ(seen.all().size(), 2u);
}

TEST(TagKey, TagsDependOnRoleKeyAndInput) {
    Correspondents people(6);
    TagKey bob(people.bob.public_key());
    TagKey alice(people.alice.public_key());
    Digest digest;
    Nonce1 nonce1;
    EXPECT_EQ(bob.to_tag(digest), bob.to_tag(digest));
    EXPECT_NE(bob.to_tag(digest), alice.to_tag(digest));
    EXPECT_NE(bob.from_tag(nonce1), alice.from_tag(nonce1));
    EXPECT_NE(bob.from_tag(nonce1), bob.to_tag(digest));
    const auto before = bob.to_tag(digest);
    digest.bytes[31] = 1;
    TagKey moved = std::move(bob);
    EXPECT_NE(moved.to_tag(digest), before);
    moved = TagKey(people.alice.public_key());
    EXPECT_EQ(moved.to_tag(digest), alice.to_tag(digest));
}

TEST(TagKey, RecognisesWhatWasSealed) {
    Correspondents people(7);
    const auto message = people.letter();
    const auto header = parse_header(message).value();
    EXPECT_EQ(TagKey(people.alice.public_key()).from_tag(header.nonce1), header.from_tag);
    const auto tag = TagKey(people.bob.public_key()).to_tag(Identifier().identify(message).digest);
    int found = 0;
    for (std::size_t i = 0; i < 4; ++i)
        found += std::ranges::equal(slot_at(message, header, i).to_tag, tag.view());
    EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace wcmp::message
