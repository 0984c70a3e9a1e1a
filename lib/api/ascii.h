// Text of header fields: ASCII, whatever the locale says.
#pragma once

#include <algorithm>
#include <string_view>

namespace wcmp::api {

inline char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Without spaces and tabs at both ends.
inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Takes what stands before the next separator, and the separator, from the front of a list.
inline std::string_view next_item(std::string_view& list, char separator) {
    const auto item = list.substr(0, list.find(separator));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    return item;
}

}  // namespace wcmp::api
