#include "drives/block_device.h"

#include <charconv>

namespace wcmp::drives {

namespace {

bool parse_whole(std::string_view text, std::uint32_t& number) {
    const auto* const end = text.data() + text.size();
    const auto parsed =
        std::from_chars(text.data(), end, number);  // NOLINT(bugprone-suspicious-stringview-data-usage)
    return parsed.ec == std::errc{} && parsed.ptr == end;
}

}  // namespace

std::optional<DeviceNumber> parse_device_number(std::string_view text) {
    DeviceNumber number;
    const auto colon = text.find(':');
    if (colon == text.npos) return {};
    const bool known =
        parse_whole(text.substr(0, colon), number.major) && parse_whole(text.substr(colon + 1), number.minor);
    return known ? std::optional(number) : std::nullopt;
}

}  // namespace wcmp::drives
