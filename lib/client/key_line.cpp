#include "client/key_line.h"

#include "client/bech32m.h"

namespace wcmp::client {
namespace {

constexpr std::string_view prefix = "wcmp";

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

}  // namespace

std::string to_key_line(const message::PublicKey& key) {
    return encode_bech32m(prefix, key.bytes());
}

Result<message::PublicKey> parse_key_line(std::string_view line) {
    WCMP_ASSIGN(const auto decoded, decode_bech32m(trimmed(line)));
    if (decoded.prefix != prefix)
        return fail(Errc::invalid, "this is not a wcmp key: it must start with wcmp1");
    return message::PublicKey::parse(decoded.data);
}

}  // namespace wcmp::client
