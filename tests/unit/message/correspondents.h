// People who write to each other in these tests, and what they write.
#pragma once

#include "core/random.h"
#include "message/open.h"
#include "message/seal.h"

#include <string>

#include <gtest/gtest.h>

namespace wcmp::message {

inline constexpr Day written{20'000};

inline Today trusted(Day day) {
    return Today{.floor = day, .trusted = day};
}

template <class T>
std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code));
}

inline Bytes random_bytes(Random& random, std::size_t length) {
    Bytes result(length);
    EXPECT_TRUE(random.fill(result));
    return result;
}

inline std::size_t random_number(Random& random, std::size_t bound) {
    return static_cast<std::size_t>(uniform(random, bound).value());
}

struct Correspondents {
    explicit Correspondents(std::uint64_t seed) : random(seed) {}

    SeededRandom random;
    SecretKey alice = SecretKey::generate(random).value();
    SecretKey bob = SecretKey::generate(random).value();
    SecretKey carol = SecretKey::generate(random).value();
    std::vector<PublicKey> to_bob{bob.public_key()};
    std::vector<PublicKey> knows_alice{alice.public_key()};

    SealRequest request(ByteView content) const {
        return {.sender = &alice,
                .receivers = to_bob,
                .content = content,
                .expires = default_expiry(written, 28)};
    }

    Bytes letter() { return seal(request({}), random).value(); }

    Result<Opened> bob_opens(ByteView message) const {
        ReplaySet seen;
        return open(message, std::span(&bob, 1), knows_alice, trusted(written), seen);
    }
};

}  // namespace wcmp::message
