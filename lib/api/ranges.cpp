#include "api/ranges.h"

#include "api/ascii.h"

#include <charconv>
#include <optional>

namespace wcmp::api {
namespace {

// Saturates: a position behind every file is still a position.
std::optional<std::uint64_t> position(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc::result_out_of_range ? ~std::uint64_t{0} : value;
}

ByteRange part(std::uint64_t first, std::uint64_t length) {
    return {.kind = ByteRange::Kind::part, .first = first, .length = length};
}

}  // namespace

ByteRange parse_range(std::string_view field, std::uint64_t size) {
    const ByteRange whole{.kind = ByteRange::Kind::whole, .first = 0, .length = size};
    const ByteRange outside{.kind = ByteRange::Kind::unsatisfiable};
    constexpr std::string_view unit = "bytes=";
    if (field.size() < unit.size() || !equal_ignoring_case(field.substr(0, unit.size()), unit)) return whole;
    field = trimmed(field.substr(unit.size()));
    const auto dash = field.find('-');
    if (dash == field.npos) return whole;
    const auto first = position(field.substr(0, dash));
    const auto last = position(field.substr(dash + 1));
    if (dash == 0) {  // the last so many bytes
        if (!last) return whole;
        if (*last == 0 || size == 0) return outside;
        const auto length = std::min(*last, size);
        return part(size - length, length);
    }
    if (!first || (!last && dash + 1 != field.size()) || (last && *last < *first)) return whole;
    if (*first >= size) return outside;
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return part(*first, end - *first + 1);
}

bool none_match_names(std::string_view field, std::string_view etag) {
    while (!field.empty()) {
        auto tag = trimmed(next_item(field, ','));
        if (tag == "*") return true;
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag) return true;
    }
    return false;
}

}  // namespace wcmp::api
