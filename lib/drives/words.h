// Lines and words of the kernel's text tables.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace wcmp::drives {

// The parts between separators; empty ones are left out.
inline std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (auto begin = text.find_first_not_of(separators); begin != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(separators, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(separators, end);
    }
    return parts;
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
    return split(text, "\n");
}

inline std::vector<std::string_view> words_of(std::string_view line) {
    return split(line, " \t");
}

}  // namespace wcmp::drives
