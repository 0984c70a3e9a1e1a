// Properties of sealing and opening, over random shapes.
#include "correspondents.h"
#include "message/layout.h"
#include "message/recognise.h"

namespace wcmp::message {
namespace {

std::vector<SecretKey> some_people(Random& random, std::size_t count) {
    std::vector<SecretKey> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(SecretKey::generate(random).value());
    return result;
}

std::vector<PublicKey> public_keys(std::span<const SecretKey> people) {
    std::vector<PublicKey> result;
    for (const auto& person : people) result.push_back(person.public_key());
    return result;
}

// Mostly small, often at the edge of a bucket.
std::size_t random_length(Random& random) {
    const auto exp = static_cast<unsigned>(10 + random_number(random, 4));
    switch (random_number(random, 4)) {
    case 0: return content_bytes_max(exp);
    case 1: return content_bytes_max(exp) + 1;
    default: return random_number(random, content_bytes_max(exp));
    }
}

struct Letter {
    std::vector<SecretKey> receivers;
    Bytes content;
    Bytes message;
};

Letter random_letter(Random& random, const SecretKey& sender) {
    Letter letter{.receivers = some_people(random, random_number(random, 7)),
                  .content = random_bytes(random, random_length(random)),
                  .message = {}};
    const auto receivers = public_keys(letter.receivers);
    SealRequest request{
        .sender = &sender,
        .receivers = receivers,
        .content = letter.content,
        .expires = Day{static_cast<std::uint32_t>(written.number + 1 + random_number(random, 182))}};
    if (random_number(random, 2) == 1)
        request.body_exp = static_cast<unsigned>(14 + random_number(random, 3));
    if (random_number(random, 2) == 1) request.slot_exp = static_cast<unsigned>(3 + random_number(random, 2));
    letter.message = seal(request, random).value();
    return letter;
}

TEST(RoundTrip, EveryReceiverReadsWhatWasWrittenAndNobodyElse) {
    SeededRandom random(20'261'124);
    const auto sender = SecretKey::generate(random).value();
    const auto stranger = SecretKey::generate(random).value();
    const std::vector contacts{stranger.public_key(), sender.public_key()};
    for (int i = 0; i < 60; ++i) {
        SCOPED_TRACE(i);
        const auto letter = random_letter(random, sender);
        EXPECT_EQ(outcome(relay_check(letter.message, trusted(written))), "ok");
        for (const auto& receiver : letter.receivers) {
            ReplaySet seen;
            const auto opened =
                open(letter.message, std::span(&receiver, 1), contacts, trusted(written), seen);
            ASSERT_EQ(outcome(opened), "ok");
            EXPECT_EQ(opened->content, letter.content);
            EXPECT_EQ(opened->sender, sender.public_key());
        }
        ReplaySet seen;
        EXPECT_EQ(outcome(open(letter.message, std::span(&stranger, 1), contacts, trusted(written), seen)),
                  "E_NOT_MINE");
    }
}

// Where a changed byte stands decides how it is noticed.
std::string expected_class(std::size_t at, std::size_t own_slot_start) {
    if (at >= own_slot_start && at < own_slot_start + to_tag_at) return "E_SLOT";
    if (at >= own_slot_start + to_tag_at && at < own_slot_start + slot_bytes) return "E_NOT_MINE";
    return at < prefix_bytes(10) ? "E_NOT_MINE" : "E_SIGNATURE";
}

std::size_t own_slot_start(const Bytes& message, const SecretKey& own) {
    const auto header = parse_header(message).value();
    const auto tag = TagKey(own.public_key()).to_tag(Identifier().identify(message).digest);
    for (std::size_t i = 0; i < 4; ++i)
        if (std::ranges::equal(slot_at(message, header, i).to_tag, tag.view()))
            return prefix_bytes(10) + i * slot_bytes;
    return 0;
}

bool is_relays_business(const std::string& found) {
    return found == "E_SUITE" || found == "E_SHAPE" || found == "E_SIZE" || found == "E_EXPIRED" ||
           found == "E_HORIZON" || found == "E_ENCODING" || found == "E_ORDER";
}

TEST(RoundTrip, AMessageWithAnyByteChangedNeverOpens) {
    Correspondents people(3);
    const auto message = seal(people.request(Bytes{'h', 'i'}), people.random).value();
    const auto slot_start = own_slot_start(message, people.bob);
    ASSERT_NE(slot_start, 0u);
    for (std::size_t at = 0; at < message.size(); ++at) {
        auto changed = message;
        changed[at] ^= static_cast<std::uint8_t>(1 + random_number(people.random, 255));
        const auto found = outcome(people.bob_opens(changed));
        if (!is_relays_business(found)) {
            EXPECT_EQ(found, expected_class(at, slot_start)) << at;
        }
    }
}

TEST(RoundTrip, AMessageCutOrExtendedNeverOpens) {
    Correspondents people(4);
    auto message = people.letter();
    message.push_back(0);
    for (std::size_t length = 0; length <= message.size(); length += 7)
        if (length != message.size() - 1) {
            EXPECT_EQ(outcome(people.bob_opens(ByteView(message).first(length))), "E_SIZE");
        }
}

}  // namespace
}  // namespace wcmp::message
