#include "message/seal.h"

#include "correspondents.h"
#include "crypto/sha256.h"
#include "message/layout.h"
#include "message/recognise.h"
#include "vectors/replay_random.h"

#include <set>

namespace wcmp::message {
namespace {

constexpr std::size_t draws_of_four_slots = 16 + 32 + 32 + 3 * (32 + 32 + 16);

std::vector<PublicKey> some_keys(Random& random, std::size_t count) {
    std::vector<PublicKey> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(SecretKey::generate(random)->public_key());
    return result;
}

Header header_of(const Result<Bytes>& message) {
    return parse_header(message.value()).value();
}

TEST(Seal, TakesTheSmallestBodyThatFits) {
    Correspondents people(1);
    for (unsigned exp = 10; exp <= 13; ++exp) {
        EXPECT_EQ(header_of(seal(people.request(Bytes(content_bytes_max(exp))), people.random)).body_exp,
                  exp);
        EXPECT_EQ(header_of(seal(people.request(Bytes(content_bytes_max(exp) + 1)), people.random)).body_exp,
                  exp + 1);
    }
    EXPECT_EQ(content_bytes_max(10), 1004u);
}

TEST(Seal, TakesNoBodyUnaskedThatHasNoDummies) {
    Correspondents people(2);
    const Bytes largest(content_bytes_max(17)), larger(content_bytes_max(17) + 1);
    EXPECT_EQ(header_of(seal(people.request(largest), people.random)).body_exp, 17);
    EXPECT_EQ(outcome(seal(people.request(larger), people.random)), "too_large");
    auto request = people.request(larger);
    request.body_exp = 18;
    EXPECT_EQ(header_of(seal(request, people.random)).body_exp, 18);
}

TEST(Seal, ContentOverEveryBucketIsTooLarge) {
    Correspondents people(3);
    const Bytes content(content_bytes_max(24) + 1);
    auto request = people.request(content);
    request.body_exp = 24;
    EXPECT_EQ(outcome(seal(request, people.random)), "too_large");
}

TEST(Seal, ExponentsOnPurposeAreCheckedAgainstRangeAndContent) {
    Correspondents people(4);
    const Bytes content(content_bytes_max(10) + 1);
    const auto sealed = [&](unsigned body_exp, unsigned slot_exp) {
        auto request = people.request(content);
        request.body_exp = body_exp;
        request.slot_exp = slot_exp;
        return outcome(seal(request, people.random));
    };
    EXPECT_EQ(sealed(11, 2), "ok");
    EXPECT_EQ(sealed(12, 3), "ok");
    EXPECT_EQ(sealed(10, 2), "E_SHAPE");
    EXPECT_EQ(sealed(9, 2), "E_SHAPE");
    EXPECT_EQ(sealed(25, 2), "E_SHAPE");
    EXPECT_EQ(sealed(11, 1), "E_SHAPE");
    EXPECT_EQ(sealed(11, 9), "E_SHAPE");
}

TEST(Seal, TakesTheFewestSlotsThatFit) {
    Correspondents people(5);
    const auto keys = some_keys(people.random, 257);
    const auto sealed = [&](std::size_t receivers, std::optional<unsigned> slot_exp = {}) {
        auto request = people.request({});
        request.receivers = std::span(keys).first(receivers);
        request.slot_exp = slot_exp;
        return seal(request, people.random);
    };
    for (const auto& [receivers, slot_exp] :
         {std::pair{0u, 2}, {1u, 2}, {4u, 2}, {5u, 3}, {8u, 3}, {9u, 4}, {256u, 8}})
        EXPECT_EQ(header_of(sealed(receivers)).slot_exp, slot_exp) << receivers;
    EXPECT_EQ(header_of(sealed(2, 4)).slot_exp, 4);
    EXPECT_EQ(outcome(sealed(5, 2)), "E_SHAPE");
    EXPECT_EQ(outcome(sealed(257)), "E_SHAPE");
}

TEST(Seal, NamesNoReceiverTwiceAndNeedsASender) {
    Correspondents people(6);
    auto request = people.request({});
    const std::vector twice{people.bob.public_key(), people.carol.public_key(), people.bob.public_key()};
    request.receivers = twice;
    EXPECT_EQ(outcome(seal(request, people.random)), "E_KEY");
    request.receivers = std::span(twice).first(2);
    request.sender = nullptr;
    EXPECT_EQ(outcome(seal(request, people.random)), "E_KEY");
}

TEST(Seal, FailsWhereverRandomnessEnds) {
    Correspondents people(7);
    const auto all = random_bytes(people.random, draws_of_four_slots);
    for (std::size_t length = 0; length < all.size(); ++length) {
        vectors::ReplayRandom random(Bytes(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length)));
        EXPECT_EQ(outcome(seal(people.request({}), random)), "not_seeded");
    }
    vectors::ReplayRandom random(all);
    EXPECT_EQ(outcome(seal(people.request({}), random)), "ok");
    EXPECT_TRUE(random.used_up());
}

TEST(Seal, TwoDummiesWithOneTagAreNoticed) {
    Correspondents people(8);
    auto draws = random_bytes(people.random, draws_of_four_slots);
    std::copy(draws.end() - 96, draws.end() - 80, draws.end() - 16);
    vectors::ReplayRandom random(draws);
    EXPECT_EQ(outcome(seal(people.request({}), random)), "E_ORDER");
}

TEST(Seal, ABlindSenderIsAnonymousToTheReceiver) {
    Correspondents people(9);
    auto request = people.request({});
    request.blind_sender = true;
    const auto message = seal(request, people.random).value();
    const auto header = parse_header(message).value();
    EXPECT_NE(TagKey(people.alice.public_key()).from_tag(header.nonce1), header.from_tag);
    const auto opened = people.bob_opens(message);
    ASSERT_EQ(outcome(opened), "ok");
    EXPECT_FALSE(opened->sender);
}

TEST(DefaultExpiry, IsRoundedUpToAWeek) {
    EXPECT_EQ(default_expiry(Day{20'000}, 28).number, 20'034u);
    for (std::uint32_t today = 20'000; today < 20'050; ++today)
        for (const auto lifetime : {7u, 28u, 56u, 168u}) {
            const auto day = default_expiry(Day{today}, lifetime).number;
            EXPECT_EQ(day % 7, 0u);
            EXPECT_GE(day, today + lifetime);
            EXPECT_LT(day, today + lifetime + 7);
            EXPECT_LT(day, today + 182);
        }
}

TEST(SealDummy, PassesEveryCheckAndIsForNobody) {
    Correspondents people(10);
    for (int i = 0; i < 20; ++i) {
        const auto dummy = seal_dummy(written, people.random).value();
        EXPECT_EQ(outcome(relay_check(dummy, trusted(written))), "ok");
        EXPECT_EQ(outcome(people.bob_opens(dummy)), "E_NOT_MINE");
    }
}

TEST(SealDummy, FailsWithoutRandomness) {
    const auto all = Bytes(8 * 3 + 64 + 16 + 32);
    for (std::size_t length = 0; length <= all.size(); length += 8) {
        vectors::ReplayRandom random{Bytes(length)};
        EXPECT_EQ(outcome(seal_dummy(written, random)), "not_seeded");
    }
}

}  // namespace
}  // namespace wcmp::message
