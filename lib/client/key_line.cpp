#include "client/key_line.h"

#include "client/bech32m.h"

#include <algorithm>

namespace wcmp::client {
namespace {

constexpr std::string_view prefix = "wcmp";
constexpr std::size_t line_chars = 115;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

// In capitals, too.
bool starts_as_a_key(std::string_view text) {
    constexpr std::string_view start = "wcmp1";
    return std::ranges::equal(text.substr(0, start.size()), start,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::string to_key_line(const message::PublicKey& key) {
    return encode_bech32m(prefix, key.bytes());
}

Result<message::PublicKey> parse_key_line(std::string_view line) {
    const auto text = trimmed(line);
    if (!starts_as_a_key(text)) return fail(Errc::invalid, "this is no key line: one starts with wcmp1");
    const auto decoded = decode_bech32m(text);
    if (!decoded && text.size() < line_chars)
        return fail(Errc::invalid, "the key line is cut off: it has 115 characters");
    if (!decoded && text.size() > line_chars)
        return fail(Errc::invalid, "the key line is too long: it has 115 characters");
    WCMP_TRY(decoded);
    if (decoded->prefix != prefix) return fail(Errc::invalid, "this is no key line: one starts with wcmp1");
    return message::PublicKey::parse(decoded->data);
}

}  // namespace wcmp::client
