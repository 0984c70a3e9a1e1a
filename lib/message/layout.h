// Where the fields of a message stand (FORMAT.md, section 3).
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/limits.h"

namespace wcmp::message {

inline constexpr std::uint8_t suite_1 = 1;
inline constexpr std::size_t nonce2_bytes = 32;
inline constexpr std::size_t slot_bytes = 96;
inline constexpr std::size_t signature_bytes = 64;

// Within a slot (section 5).
inline constexpr std::size_t enc_at = 0;
inline constexpr std::size_t enc_bytes = 32;
inline constexpr std::size_t ct_at = 32;
inline constexpr std::size_t ct_bytes = 48;
inline constexpr std::size_t to_tag_at = 80;

// Within a body, once decrypted: a u32 length, the content, zeros, and the place of the AEAD's tag (section
// 4).
inline constexpr std::size_t content_len_bytes = 4;
inline constexpr std::size_t body_tag_bytes = 16;

// The first 39 bytes, which mean the same in every suite.
struct Header {
    std::uint8_t suite = 0;
    Nonce1 nonce1{};
    HintTag from_tag{};
    Day expires{};
    std::uint8_t body_exp = 0;
    std::uint8_t slot_exp = 0;
};

// Errc::size when there are fewer than 39 bytes. Nothing else is checked.
Result<Header> parse_header(ByteView message);

// True when suite 1 knows these exponents.
constexpr bool exponents_in_range(unsigned body_exp, unsigned slot_exp) {
    return body_exp >= limits::body_exp_min && body_exp <= limits::body_exp_max &&
           slot_exp >= limits::slot_exp_min && slot_exp <= limits::slot_exp_max;
}

// The length that suite 1 gives a message of these exponents.
constexpr std::size_t message_bytes(unsigned body_exp, unsigned slot_exp) {
    return limits::message_header_bytes + (std::size_t{1} << body_exp) + nonce2_bytes +
           slot_bytes * (std::size_t{1} << slot_exp) + signature_bytes;
}

// The length of what `digest` covers: header, body and nonce2.
constexpr std::size_t prefix_bytes(unsigned body_exp) {
    return limits::message_header_bytes + (std::size_t{1} << body_exp) + nonce2_bytes;
}

// One slot of a suite 1 message, as a view of it. The message has passed the relay check.
struct SlotView {
    ByteView enc;     // 32
    ByteView ct;      // 48
    ByteView to_tag;  // 16
};
SlotView slot_at(ByteView message, const Header& header, std::size_t index);

}  // namespace wcmp::message
