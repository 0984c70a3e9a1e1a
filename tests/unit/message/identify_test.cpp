#include "message/identify.h"

#include "correspondents.h"
#include "crypto/sha256.h"
#include "message/layout.h"

namespace wcmp::message {
namespace {

Digest hash_of(ByteView bytes) {
    return Digest{crypto::sha256(bytes)};
}

TEST(Identify, BothHashesAreThoseOfTheText) {
    Correspondents people(1);
    Identifier identifier;
    for (unsigned body_exp = 10; body_exp < 14; ++body_exp) {
        auto request = people.request({});
        request.body_exp = body_exp;
        const auto message = seal(request, people.random).value();
        const auto identity = identifier.identify(message);
        EXPECT_EQ(identity.id.bytes, crypto::sha256(message));
        EXPECT_EQ(identity.id, message_id(message));
        EXPECT_EQ(identity.digest, hash_of(ByteView(message).first(prefix_bytes(body_exp))));
    }
}

TEST(Identify, WhatHasNoPrefixHasNoDigest) {
    Identifier identifier;
    const auto only_id = [&](const Bytes& message) {
        const auto identity = identifier.identify(message);
        EXPECT_EQ(identity.id.bytes, crypto::sha256(message));
        EXPECT_EQ(identity.digest, Digest{});
    };
    auto message = Correspondents(1).letter();
    message[0] = 2;
    only_id(message);
    message[0] = 1;
    message[37] = 9;
    only_id(message);
    message[37] = 24;
    only_id(message);
    message[37] = 10;
    message.pop_back();
    only_id(message);
    only_id(Bytes(38));
    only_id({});
}

TEST(Identify, AnotherSignatureFieldIsAnotherIdOfTheSameDigest) {
    auto message = Correspondents(1).letter();
    Identifier identifier;
    const auto before = identifier.identify(message);
    message.back() ^= 1;
    Identifier moved = std::move(identifier);
    const auto after = moved.identify(message);
    EXPECT_NE(after.id, before.id);
    EXPECT_EQ(after.digest, before.digest);
    moved = Identifier();
    EXPECT_EQ(moved.identify(message).id, after.id);
}

}  // namespace
}  // namespace wcmp::message
