#include "settings/spelling.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace wcmp::settings {
namespace {

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string> known) {
    constexpr std::size_t word_bytes_max = 64;  // longer ones are no slip of the hand
    if (word.size() > word_bytes_max) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const auto changes = distance(word, candidate);
        if (changes >= best_distance) continue;
        best = candidate;
        best_distance = changes;
    }
    return best;
}

}  // namespace wcmp::settings
