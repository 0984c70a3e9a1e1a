// Every vector that is about messages and keys, in the published file and in the one WCMP_VECTORS names.
// The bundle sections are run by the tests of lib/bundle.
#include "core/hex.h"
#include "crypto/sha256.h"
#include "message/layout.h"
#include "message/open.h"
#include "message/recognise.h"
#include "message/relay_check.h"
#include "message/seal.h"
#include "vectors/replay_random.h"
#include "vectors/vector_file.h"

#include <gtest/gtest.h>

namespace wcmp::message {
namespace {

using vectors::VectorFile;

Today trusted(std::uint32_t day) {
    return Today{.floor = Day{day}, .trusted = Day{day}};
}

template <class Key>
std::vector<Key> parse_all(const std::vector<Bytes>& list) {
    std::vector<Key> keys;
    for (const auto& bytes : list) keys.push_back(Key::parse(bytes).value());
    return keys;
}

template <class T>
std::string verdict(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code));
}

struct Party {
    std::vector<SecretKey> own;
    std::vector<PublicKey> contacts;

    Result<Opened> open(ByteView message, std::uint32_t day, ReplaySet& seen) const {
        return message::open(message, own, contacts, trusted(day), seen);
    }
};

template <class Vector>
Party party(const Vector& vector) {
    return {parse_all<SecretKey>(vector.secrets), parse_all<PublicKey>(vector.contacts)};
}

Bytes sealed(const vectors::SealVector& vector) {
    const auto sender = SecretKey::parse(vector.sender_secret).value();
    const auto receivers = parse_all<PublicKey>(vector.receivers);
    vectors::ReplayRandom random(vector.draws());
    auto message = seal({.sender = &sender,
                         .receivers = receivers,
                         .content = vector.content,
                         .expires = Day{vector.expires},
                         .body_exp = vector.body_exp,
                         .slot_exp = vector.slot_exp},
                        random);
    EXPECT_TRUE(random.used_up());
    return message.value();
}

void check_opening(const vectors::OpenVector& vector, const Bytes& message) {
    ReplaySet seen;
    const auto opened = party(vector).open(message, vector.today, seen);
    ASSERT_EQ(verdict(opened), "ok");
    if (vector.content) {
        EXPECT_EQ(opened->content, *vector.content);
    }
    EXPECT_EQ(to_hex(crypto::sha256(opened->content)), to_hex(vector.content_sha256));
    ASSERT_EQ(opened->sender.has_value(), vector.sender.has_value());
    if (vector.sender) {
        EXPECT_TRUE(std::ranges::equal(opened->sender->bytes(), *vector.sender));
    }

    const auto header = parse_header(message).value();
    auto tag = TagKey(SecretKey::parse(vector.secrets.at(opened->own_key)).value().public_key());
    EXPECT_TRUE(std::ranges::equal(slot_at(message, header, vector.slot).to_tag,
                                   tag.to_tag(opened->identity.digest).view()));
}

void check_positive(const vectors::PositiveVector& vector) {
    const Bytes message = vector.message ? *vector.message : sealed(vector.seal.value());
    EXPECT_EQ(message.size(), vector.length);
    EXPECT_EQ(to_hex(message_id(message).view()), to_hex(vector.id));
    if (vector.seal) {
        EXPECT_EQ(sealed(*vector.seal), message);
        EXPECT_EQ(to_hex(Identifier().identify(message).digest.view()), to_hex(vector.seal->digest));
    }
    for (const auto& opening : vector.open) check_opening(opening, message);
}

std::string verdict_of(const vectors::NegativeVector& vector) {
    ReplaySet seen;
    if (vector.op == "relay_check") return verdict(relay_check(vector.message, trusted(vector.today)));
    if (vector.op == "open") return verdict(party(vector).open(vector.message, vector.today, seen));
    if (vector.op == "public_key") return verdict(PublicKey::parse(vector.public_key));
    return "an op that is not known";
}

class Vectors : public testing::TestWithParam<VectorFile> {};

TEST_P(Vectors, KeysAreTheirSecrets) {
    for (const auto& [name, pair] : GetParam().keys) {
        SCOPED_TRACE(name);
        EXPECT_TRUE(
            std::ranges::equal(SecretKey::parse(pair.secret_key)->public_key().bytes(), pair.public_key));
        EXPECT_TRUE(PublicKey::parse(pair.public_key));
    }
}

TEST_P(Vectors, PositiveAreSealedAndOpened) {
    for (const auto& vector : GetParam().positive) {
        SCOPED_TRACE(vector.name);
        check_positive(vector);
    }
}

TEST_P(Vectors, RelaysAccept) {
    for (const auto& vector : GetParam().relay_accepts) {
        SCOPED_TRACE(vector.name);
        EXPECT_EQ(verdict(relay_check(vector.message, trusted(vector.today))), "ok");
    }
}

TEST_P(Vectors, NegativeAreRefusedWithTheirClass) {
    std::size_t run = 0;
    for (const auto& vector : GetParam().negative) {
        if (vector.op == "bundle") continue;
        SCOPED_TRACE(vector.name);
        EXPECT_EQ(verdict_of(vector), vector.expect);
        ++run;
    }
    EXPECT_GT(run, 0u);
}

TEST_P(Vectors, SequencesShareOneReplaySet) {
    for (const auto& vector : GetParam().sequences) {
        SCOPED_TRACE(vector.name);
        const auto reader = party(vector);
        ReplaySet seen;
        ASSERT_EQ(vector.messages.size(), vector.expect.size());
        for (std::size_t i = 0; i < vector.messages.size(); ++i)
            EXPECT_EQ(verdict(reader.open(vector.messages[i], vector.today, seen)), vector.expect[i]) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, Vectors, testing::ValuesIn(vectors::all()));

}  // namespace
}  // namespace wcmp::message
