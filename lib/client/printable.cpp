#include "client/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wcmp::client {
namespace {

constexpr char32_t not_utf8 = 0xffffffff;

struct Character {
    char32_t code = not_utf8;
    std::size_t bytes = 1;
};

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

// The first character; shortest forms only, no surrogates.
Character first_character(std::string_view text) {
    const auto lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
    char32_t code = lead & (0xffu >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte_at(text, i) & 0xc0) != 0x80) return {};
        code = code << 6 | (byte_at(text, i) & 0x3fu);
    }
    constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
    return {code, bytes};
}

bool is_harmless(char32_t code, Lines lines) {
    if (code == '\n') return lines == Lines::kept;
    if (code == '\t') return true;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
    const bool turns = code == 0x061c || code == 0x200e || code == 0x200f ||
                       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return !turns && code != 0xfeff && code != not_utf8;
}

void append_escaped(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out += "\\x";
        out.push_back(digits[byte_at(bytes, i) >> 4]);
        out.push_back(digits[byte_at(bytes, i) & 15]);
    }
}

// No terminal gives a character more columns than these.
std::size_t columns_of(char32_t code) {
    constexpr std::size_t tab_columns = 8;
    if (code == '\t') return tab_columns;
    return code < 0x80 ? 1 : 2;
}

void append_quoted_line(std::string& out, std::string_view line, std::size_t room) {
    out += "| ";
    std::size_t used = 0;
    while (!line.empty()) {
        const auto character = first_character(line);
        const auto wanted = columns_of(character.code);
        if (used + wanted > room) {
            out += "\n: ";
            used = 0;
        }
        used += wanted;
        out += line.substr(0, character.bytes);
        line.remove_prefix(character.bytes);
    }
    out += '\n';
}

}  // namespace

std::string printable(std::string_view text, Lines lines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto character = first_character(text);
        const auto bytes = text.substr(0, character.bytes);
        if (is_harmless(character.code, lines))
            out += bytes;
        else
            append_escaped(out, bytes);
        text.remove_prefix(character.bytes);
    }
    return out;
}

std::string quoted(std::string_view printable_text, std::size_t columns) {
    constexpr std::size_t mark_columns = 2;
    const auto room = std::max(columns, std::size_t{20}) - mark_columns;
    std::string out;
    while (!printable_text.empty()) {
        const auto end = printable_text.find('\n');
        append_quoted_line(out, printable_text.substr(0, end), room);
        if (end == std::string_view::npos) break;
        printable_text.remove_prefix(end + 1);
    }
    return out;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        if (character.code == not_utf8) return false;
        text.remove_prefix(character.bytes);
    }
    return true;
}

std::size_t utf8_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace wcmp::client
