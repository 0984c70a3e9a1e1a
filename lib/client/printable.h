// Text of others on a terminal: nothing in it may move the cursor, change colours or hide what is there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wcmp::client {

enum class Lines : std::uint8_t { kept, escaped };

// UTF-8 stays. Escaped as \xNN, byte by byte: control characters (C0 but tab, DEL, C1), bytes that are not
// UTF-8, and the characters that turn the direction of text. Line feeds stay with Lines::kept.
std::string printable(std::string_view text, Lines lines = Lines::escaped);

}  // namespace wcmp::client
