// Sizes as people write them: "512 MiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wcmp::settings {

// A whole number, and B, KiB, MiB, GiB or TiB after it, with or without a space between. Nothing for anything
// else (MB and GB mean different things to different people) and for sizes of 2^63 and above.
std::optional<std::uint64_t> parse_byte_size(std::string_view text);

// The shortest such text: "512 MiB", "1114112 B".
std::string byte_size_text(std::uint64_t bytes);

}  // namespace wcmp::settings
