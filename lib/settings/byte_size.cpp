#include "settings/byte_size.h"

#include <array>
#include <charconv>
#include <utility>

namespace wcmp::settings {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 5> units{
    {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}}};

}  // namespace

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
    std::uint64_t number = 0;
    const auto [rest, problem] = std::from_chars(text.begin(), text.end(), number);
    if (problem != std::errc{}) return {};
    std::string_view unit(rest, text.end());
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    for (const auto& [name, shift] : units) {
        if (unit != name) continue;
        if (number > (~std::uint64_t{0} >> 1 >> shift)) return {};
        return number << shift;
    }
    return {};
}

std::string byte_size_text(std::uint64_t bytes) {
    for (const auto& [name, shift] : units) {
        const auto number = bytes >> shift;
        if (number > 0 && number << shift == bytes) return std::to_string(number) + " " + std::string(name);
    }
    return "0 B";
}

}  // namespace wcmp::settings
