// Text of others on a terminal: nothing in it may move the cursor, change colours or hide what is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wcmp::client {

enum class Lines : std::uint8_t { kept, escaped };

// UTF-8 stays. Escaped as \xNN, byte by byte: control characters (C0 but tab, DEL, C1), bytes that are not
// UTF-8, and the characters that turn the direction of text. Line feeds stay with Lines::kept.
std::string printable(std::string_view text, Lines lines = Lines::escaped);

// Text as printable() leaves it, for a terminal of so many columns, quoted: every line of the terminal begins
// with "| ", or with ": " where a longer line goes on, so that no text can look like what wcmp itself says.
std::string quoted(std::string_view printable_text, std::size_t columns);

bool is_utf8(std::string_view text);
std::size_t utf8_characters(std::string_view text);

}  // namespace wcmp::client
