// What a relay sees tells nothing (FORMAT.md, section 15). Each check is first shown to see a planted leak.
#include "correspondents.h"
#include "message/layout.h"
#include "message/recognise.h"
#include "montgomery.h"
#include "statistics.h"

#include <cstring>
#include <set>

namespace wcmp::message {
namespace {

using statistics::chi_square_score;
using statistics::even_score;
using statistics::Spread;
using statistics::surprising;

constexpr std::size_t messages = 1000;

std::vector<Bytes> letters(std::uint64_t seed, std::size_t count) {
    Correspondents people(seed);
    std::vector<Bytes> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(people.letter());
    return result;
}

// From a throwaway sender to nobody, in the shape of letters().
std::vector<Bytes> dummies_alike(std::uint64_t seed, std::size_t count) {
    SeededRandom random(seed);
    std::vector<Bytes> result;
    for (std::size_t i = 0; i < count; ++i) {
        const auto nobody = SecretKey::generate(random).value();
        result.push_back(
            seal({.sender = &nobody, .receivers = {}, .content = {}, .expires = Day{20'034}}, random)
                .value());
    }
    return result;
}

std::vector<ByteView> encs(const std::vector<Bytes>& sealed) {
    std::vector<ByteView> result;
    for (const auto& message : sealed)
        for (std::size_t i = 0; i < 4; ++i)
            result.push_back(slot_at(message, parse_header(message).value(), i).enc);
    return result;
}

bool looks_sealed(ByteView enc) {
    return (enc[31] & 0x80) == 0 && montgomery::on_curve(enc) && montgomery::has_prime_order(enc);
}

TEST(Privacy, TheOracleTellsRandomBytesFromPoints) {
    SeededRandom random(1);
    int sealed_alike = 0;
    for (int i = 0; i < 1000; ++i) {
        auto leak = random_bytes(random, 32);
        leak[31] &= 0x7f;
        sealed_alike += looks_sealed(leak) ? 1 : 0;
    }
    EXPECT_LT(sealed_alike, 120);  // 1 in 16 is expected
    Bytes base_point(32);
    base_point[0] = 9;
    EXPECT_TRUE(looks_sealed(base_point));
}

TEST(Privacy, EveryEncIsAPointOfPrimeOrder) {
    for (const auto& sealed : {letters(2, messages / 2), dummies_alike(3, messages / 2)})
        for (const auto enc : encs(sealed)) ASSERT_TRUE(looks_sealed(enc));
}

// The fields that are random, or look so, and how many of their bits must be even.
struct Field {
    const char* name;
    std::size_t at;
    std::size_t length;
};

constexpr std::size_t slots_at = prefix_bytes(10);
constexpr Field fields[] = {
    {"nonce1", 1, 16},
    {"from_tag", 17, 16},
    {"body", 39, 1024},
    {"nonce2", 39 + 1024, 32},
    {"masked_sig", message_bytes(10, 2) - 64, 64},
};

Spread spread_of(const std::vector<Bytes>& sealed, std::size_t at, std::size_t length) {
    Spread spread(length);
    for (const auto& message : sealed) spread.add(ByteView(message).subspan(at, length));
    return spread;
}

// All slots together: their order is that of their tags.
Spread spread_of_slots(const std::vector<Bytes>& sealed, std::size_t at, std::size_t length) {
    Spread spread(length);
    for (const auto& message : sealed)
        for (std::size_t i = 0; i < 4; ++i)
            spread.add(ByteView(message).subspan(slots_at + 96 * i + at, length));
    return spread;
}

TEST(Privacy, TheSpreadOfAFieldShowsALeak) {
    auto leaky = letters(4, messages);
    for (std::size_t i = 0; i < leaky.size(); i += 2) leaky[i][20] |= 1;  // a quarter more than half
    EXPECT_GT(spread_of(leaky, 17, 16).worst_bit_score(), surprising);
    for (auto& message : leaky) message[18] = message[19] = 'A';
    EXPECT_GT(spread_of(leaky, 17, 16).byte_score(), surprising);
}

TEST(Privacy, RandomFieldsAreEvenlySpread) {
    for (const auto& sealed : {letters(5, messages), dummies_alike(6, messages)}) {
        for (const auto& field : fields) {
            SCOPED_TRACE(field.name);
            const auto spread = spread_of(sealed, field.at, field.length);
            EXPECT_LT(spread.byte_score(), surprising);
            EXPECT_LT(spread.worst_bit_score(), surprising);
        }
        EXPECT_LT(spread_of_slots(sealed, enc_at, 31).byte_score(), surprising);
        EXPECT_LT(spread_of_slots(sealed, enc_at, enc_bytes).worst_bit_score(255), surprising);
        const auto ct_and_tag = spread_of_slots(sealed, ct_at, slot_bytes - ct_at);
        EXPECT_LT(ct_and_tag.byte_score(), surprising);
        EXPECT_LT(ct_and_tag.worst_bit_score(), surprising);
    }
}

// The table of FORMAT.md, section 11, and how often each of its cells came.
struct Shapes {
    std::vector<double> counts = std::vector<double>(8 * 3 * 4);
    std::vector<double> weights;

    Shapes() {
        for (const double body : {210, 30, 24, 15, 9, 4, 4, 4})
            for (const double slots : {16, 3, 1})
                for (const double lifetime : {27, 1, 1, 1}) weights.push_back(body * slots * lifetime);
    }

    void add(const Header& header) {
        constexpr std::array<std::uint32_t, 4> lifetimes{28, 7, 56, 168};
        for (std::size_t i = 0; i < lifetimes.size(); ++i)
            if (header.expires == default_expiry(written, lifetimes[i]))
                ++counts.at(((header.body_exp - 10u) * 3 + header.slot_exp - 2u) * 4 + i);
    }

    double score() const { return chi_square_score(counts, weights); }
};

TEST(Privacy, AnUnevenTableIsSeen) {
    Shapes even, uneven;
    for (std::size_t i = 0; i < even.counts.size(); ++i)
        even.counts[i] = uneven.counts[i] = even.weights[i] * 1500 / (300 * 20 * 30);
    EXPECT_LT(even.score(), surprising);
    uneven.counts[0] -= 150;
    uneven.counts[12] += 150;
    EXPECT_GT(uneven.score(), surprising);
}

TEST(Privacy, DummiesHaveTheShapesOfTheTable) {
    SeededRandom random(7);
    Shapes shapes;
    for (int i = 0; i < 1500; ++i) shapes.add(parse_header(seal_dummy(written, random).value()).value());
    EXPECT_LT(shapes.score(), surprising);
    double counted = 0;
    for (const auto count : shapes.counts) counted += count;
    EXPECT_EQ(counted, 1500);
}

std::size_t position(const Bytes& message, TagKey& receiver) {
    const auto tag = receiver.to_tag(Identifier().identify(message).digest);
    std::size_t i = 0;
    while (!std::ranges::equal(slot_at(message, parse_header(message).value(), i).to_tag, tag.view())) ++i;
    return i;
}

TEST(Privacy, AReceiverWhoComesFirstMoreOftenIsSeen) {
    EXPECT_GT(even_score({400, 200, 200, 200}), surprising);
    EXPECT_LT(even_score({260, 240, 255, 245}), surprising);
}

TEST(Privacy, AReceiversSlotIsAnywhere) {
    Correspondents people(8);
    std::vector<PublicKey> receivers;
    TagKey bob(people.bob.public_key());
    for (int others = 0; others < 4; ++others) {
        receivers.insert(receivers.begin(), others == 0 ? people.bob.public_key()
                                                        : SecretKey::generate(people.random)->public_key());
        auto request = people.request({});
        request.receivers = receivers;
        std::vector<double> counts(4);
        for (std::size_t i = 0; i < messages; ++i)
            ++counts[position(seal(request, people.random).value(), bob)];
        EXPECT_LT(even_score(counts), surprising) << others;
    }
}

// How many strings of eight bytes, within what is random, two different messages share.
std::size_t shared_strings(const std::vector<Bytes>& sealed) {
    std::vector<std::pair<std::uint64_t, std::size_t>> strings;
    const auto collect = [&](std::size_t message, std::size_t from, std::size_t to) {
        for (std::size_t at = from; at + 8 <= to; ++at) {
            std::uint64_t string = 0;
            std::memcpy(&string, sealed[message].data() + at, 8);
            strings.emplace_back(string, message);
        }
    };
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        collect(i, 1, 33);
        collect(i, 39, sealed[i].size());
    }
    std::ranges::sort(strings);
    std::size_t shared = 0;
    for (std::size_t i = 1; i < strings.size(); ++i)
        shared += strings[i].first == strings[i - 1].first && strings[i].second != strings[i - 1].second;
    return shared;
}

TEST(Privacy, AReusedNonceOrEphemeralIsSeen) {
    Correspondents people(9);
    auto sealed = letters(9, 20);
    for (const auto& content : {Bytes{'a'}, Bytes{'b'}}) {
        SeededRandom repeats(10);
        sealed.push_back(seal(people.request(content), repeats).value());
    }
    EXPECT_GT(shared_strings(sealed), 0u);
}

TEST(Privacy, NothingLinksMessagesOfOneSenderToOneReceiver) {
    EXPECT_EQ(shared_strings(letters(11, messages)), 0u);
}

}  // namespace
}  // namespace wcmp::message
