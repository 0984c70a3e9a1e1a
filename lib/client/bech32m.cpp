#include "client/bech32m.h"

#include <array>
#include <optional>

namespace wcmp::client {
namespace {

constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::uint32_t final_constant = 0x2bc830a3;
constexpr std::size_t checksum_values = 6;
constexpr std::size_t text_chars_max = 1024;

std::uint32_t polymod_step(std::uint32_t state, std::uint8_t value) {
    constexpr std::array<std::uint32_t, 5> generator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                        0x2a1462b3};
    const std::uint32_t top = state >> 25;
    state = (state & 0x1ffffff) << 5 ^ value;
    for (std::size_t i = 0; i < generator.size(); ++i)
        if ((top >> i & 1) != 0) state ^= generator[i];
    return state;
}

// The checksum's state after the prefix.
std::uint32_t polymod_prefix(std::string_view prefix) {
    std::uint32_t state = 1;
    for (const char c : prefix) state = polymod_step(state, static_cast<std::uint8_t>(c) >> 5);
    state = polymod_step(state, 0);
    for (const char c : prefix) state = polymod_step(state, static_cast<std::uint8_t>(c) & 31);
    return state;
}

std::uint32_t polymod(std::string_view prefix, ByteView values) {
    std::uint32_t state = polymod_prefix(prefix);
    for (const auto value : values) state = polymod_step(state, value);
    return state;
}

// Regroups bits, most significant first. Nothing when whole bytes are wanted and other bits than padding
// zeros are left.
std::optional<Bytes> regroup(ByteView input, unsigned from_bits, unsigned to_bits, bool pad) {
    Bytes output;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const auto value : input) {
        held = (held << from_bits | value) & 0xfff;
        bits += from_bits;
        while (bits >= to_bits) {
            bits -= to_bits;
            output.push_back(static_cast<std::uint8_t>(held >> bits & ((1u << to_bits) - 1)));
        }
    }
    const std::uint32_t rest = held & ((1u << bits) - 1);
    if (pad && bits > 0) output.push_back(static_cast<std::uint8_t>(rest << (to_bits - bits)));
    if (!pad && (bits >= from_bits || rest != 0)) return std::nullopt;
    return output;
}

// Lower-case text, or nothing when cases are mixed or a character is not printable ASCII.
std::optional<std::string> one_case(std::string_view text) {
    bool lower = false;
    bool upper = false;
    std::string result;
    for (const char c : text) {
        if (c < 33 || c > 126) return std::nullopt;
        if (c >= 'a' && c <= 'z') lower = true;
        const bool is_upper = c >= 'A' && c <= 'Z';
        upper = upper || is_upper;
        result.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
    }
    if (lower && upper) return std::nullopt;
    return result;
}

}  // namespace

std::string encode_bech32m(std::string_view prefix, ByteView data) {
    auto values = *regroup(data, 8, 5, true);
    auto with_zeros = values;
    with_zeros.resize(values.size() + checksum_values);
    const std::uint32_t check = polymod(prefix, with_zeros) ^ final_constant;
    for (std::size_t i = 0; i < checksum_values; ++i)
        values.push_back(static_cast<std::uint8_t>(check >> (5 * (checksum_values - 1 - i)) & 31));

    std::string text(prefix);
    text.push_back('1');
    for (const auto value : values) text.push_back(alphabet[value]);
    return text;
}

Result<std::pair<std::string, Bytes>> decode_bech32m_values(std::string_view text) {
    if (text.size() > text_chars_max) return fail(Errc::invalid, "the line is too long");
    const auto lower = one_case(text);
    if (!lower)
        return fail(Errc::invalid, "upper and lower case are mixed, or a character does not belong here");
    const auto separator = lower->rfind('1');
    if (separator == std::string::npos || separator == 0 || lower->size() - separator - 1 < checksum_values)
        return fail(Errc::invalid, "the line is not of the form prefix, 1, data");
    Bytes values;
    for (const char c : lower->substr(separator + 1)) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return fail(Errc::invalid, "a character does not belong here");
        values.push_back(static_cast<std::uint8_t>(value));
    }
    auto prefix = lower->substr(0, separator);
    if (polymod(prefix, values) != final_constant)
        return fail(Errc::invalid, "the checksum does not match: a character is wrong or missing");
    values.resize(values.size() - checksum_values);
    return std::pair(std::move(prefix), std::move(values));
}

Result<Bech32m> decode_bech32m(std::string_view text) {
    WCMP_ASSIGN(auto decoded, decode_bech32m_values(text));
    auto data = regroup(decoded.second, 5, 8, false);
    if (!data) return fail(Errc::invalid, "the line does not hold whole bytes");
    return Bech32m{std::move(decoded.first), std::move(*data)};
}

}  // namespace wcmp::client
