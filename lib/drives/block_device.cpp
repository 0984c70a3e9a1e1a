#include "drives/block_device.h"

#include <charconv>

namespace wcmp::drives {

std::optional<DeviceNumber> parse_device_number(std::string_view text) {
    DeviceNumber number;
    const auto* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, number.major);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != ':') return {};
    const auto minor = std::from_chars(major.ptr + 1, end, number.minor);
    if (minor.ec != std::errc{} || minor.ptr != end) return {};
    return number;
}

}  // namespace wcmp::drives
