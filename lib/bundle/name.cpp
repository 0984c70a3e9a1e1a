#include "bundle/name.h"

#include "core/hex.h"

#include <algorithm>
#include <charconv>

namespace wcmp::bundle {
namespace {

constexpr std::string_view suffix = ".wcmp";

// A decimal number without leading zeros, and the '-' behind it, taken off the front of `text`.
std::optional<Day> take_day(std::string_view& text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || dash == 0) return std::nullopt;
    const auto digits = text.substr(0, dash);
    if (digits.front() == '0' && digits.size() > 1) return std::nullopt;
    Day day;
    const auto* end = digits.data() + digits.size();
    const auto parsed =
        std::from_chars(digits.data(), end, day.number);  // NOLINT(bugprone-suspicious-stringview-data-usage)
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    text.remove_prefix(dash + 1);
    return day;
}

}  // namespace

std::optional<Name> parse_name(std::string_view text) {
    if (!text.ends_with(suffix)) return std::nullopt;
    text.remove_suffix(suffix.size());
    const auto first = take_day(text);
    if (!first) return std::nullopt;
    const auto last = take_day(text);
    Name name;
    if (!last || text.size() != 2 * name.hash.size()) return std::nullopt;
    const auto hash = from_hex(text);
    if (!hash) return std::nullopt;
    name.first = *first;
    name.last = *last;
    std::ranges::copy(*hash, name.hash.begin());
    return name;
}

std::string to_string(const Name& name) {
    return std::to_string(name.first.number) + '-' + std::to_string(name.last.number) + '-' +
           to_hex(name.hash) + std::string(suffix);
}

Name name_of(Day first, Day last, const IndexHash& hash) {
    Name name{.first = first, .last = last, .hash = {}};
    std::copy_n(hash.bytes.begin(), name.hash.size(), name.hash.begin());
    return name;
}

}  // namespace wcmp::bundle
