// Writing a message (FORMAT.md, sections 3-7 and 11).
#pragma once

#include "core/ids.h"
#include "core/random.h"
#include "message/key_material.h"

#include <optional>
#include <span>

namespace wcmp::message {

struct SealRequest {
    const SecretKey* sender = nullptr;
    std::span<const PublicKey> receivers;  // each at most once; at most 256
    ByteView content;
    Day expires;
    std::optional<unsigned> body_exp{};  // larger than the smallest that fits, or above the default's limit
    std::optional<unsigned> slot_exp{};
    bool blind_sender = false;  // from_tag is random (section 5)
};

// Larger bodies have no dummies among which to hide: they are made only when body_exp is given (section 11).
inline constexpr unsigned unasked_body_exp_max = 17;

// The largest content of a body exponent.
constexpr std::size_t content_bytes_max(unsigned body_exp) {
    return (std::size_t{1} << body_exp) - 16 - 4;
}

// Errors: E_KEY (a receiver twice, no sender), E_SHAPE (too many receivers, an exponent out of range or too
// small), too_large (content over every bucket that may be chosen), not_seeded, E_ORDER (two equal random
// tags). Draws in the order nonce1, K, one ephemeral secret per receiver, then throwaway secret, ephemeral
// secret and to_tag per dummy slot, each 32 bytes but nonce1 and to_tag (16), as the vectors have them; a
// blind sender's from_tag comes after K.
Result<Bytes> seal(const SealRequest& request, Random& random);

// A message to nobody from nobody, made by seal() with shapes drawn from the table of section 11.
Result<Bytes> seal_dummy(Day today, Random& random);

// The day of a lifetime in days from today, rounded up to a multiple of 7 (section 11).
Day default_expiry(Day today, std::uint32_t lifetime_days);

}  // namespace wcmp::message
