#include "api/request_guard.h"

#include "api/ascii.h"
#include "core/limits.h"

namespace wcmp::api {
namespace {

bool is_token_character(char c) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || others.contains(c);
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

bool is_visible(char c) {
    return c > ' ' && c < 0x7f;
}

// Bytes of 0x80 and above are opaque but allowed (RFC 9110, section 5.5).
bool is_value_character(char c) {
    return c == '\t' || static_cast<unsigned char>(c) >= ' ';
}

std::optional<Violation> check_request_line(std::string_view line) {
    const auto method = next_item(line, ' ');
    const auto target = next_item(line, ' ');
    if (!is_token(method)) return "the method is not a token";
    if (!target.starts_with('/') || !std::ranges::all_of(target, is_visible))
        return "the target is not a path";
    if (line != "HTTP/1.1") return "only HTTP/1.1 is spoken";
    return std::nullopt;
}

constexpr std::size_t length_digits_max = 18;  // fits 63 bits

struct Framing {
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;

    std::optional<Violation> add(std::string_view name, std::string_view value) {
        if (equal_ignoring_case(name, "host")) ++hosts;
        if (equal_ignoring_case(name, "content-length")) {
            ++lengths;
            if (value.empty() || value.size() > length_digits_max || !std::ranges::all_of(value, is_digit))
                return "the length is not a number";
        }
        if (equal_ignoring_case(name, "transfer-encoding")) {
            ++encodings;
            if (!equal_ignoring_case(value, "chunked")) return "the transfer encoding is not known";
        }
        return std::nullopt;
    }

    std::optional<Violation> check() const {
        if (hosts != 1) return "exactly one Host is needed";
        if (lengths + encodings > 1) return "the length is said twice";
        return std::nullopt;
    }
};

std::optional<Violation> check_field(std::string_view line, Framing& framing) {
    if (line.front() == ' ' || line.front() == '\t') return "a field is folded";
    const auto colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon))) return "a field has no proper name";
    const auto value = trimmed(line.substr(colon + 1));
    if (!std::ranges::all_of(value, is_value_character)) return "a field holds a control character";
    return framing.add(line.substr(0, colon), value);
}

std::string_view next_line(std::string_view& head) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    return line;
}

}  // namespace

std::expected<std::optional<std::size_t>, Violation> find_head_end(std::string_view bytes,
                                                                   std::size_t scanned) {
    for (auto i = scanned; i < bytes.size() && i < limits::request_head_bytes_max; ++i) {
        if (bytes[i] == '\0') return std::unexpected("the head holds a NUL");
        if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'))
            return std::unexpected("a line ends in a bare LF");
        if (i > 0 && bytes[i - 1] == '\r' && bytes[i] != '\n') return std::unexpected("a bare CR");
        if (bytes[i] == '\n' && i == 1) return std::unexpected("an empty line comes before the request");
        if (bytes[i] == '\n' && i >= 3 && bytes[i - 2] == '\n') return std::optional(i + 1);
    }
    if (bytes.size() >= limits::request_head_bytes_max) return std::unexpected("the head is over 8 KiB");
    return std::nullopt;
}

std::optional<Violation> check_head(std::string_view head) {
    if (auto wrong = check_request_line(next_line(head))) return wrong;
    Framing framing;
    std::size_t lines = 1;
    for (auto line = next_line(head); !line.empty(); line = next_line(head)) {
        if (++lines > limits::request_head_lines_max) return "the head has more than 64 lines";
        if (auto wrong = check_field(line, framing)) return wrong;
    }
    return framing.check();
}

}  // namespace wcmp::api
