// How surprising counts are: everything as a normal score, compared with one threshold.
#pragma once

#include "core/bytes.h"

#include <cmath>
#include <vector>

namespace wcmp::message::statistics {

// Passed by chance less than once in 10^10: a thousand checks stay far below once in a million.
inline constexpr double surprising = 6.5;

// Pearson's sum as a score (Wilson and Hilferty's cube root), for counts expected in proportion to `weights`.
// Cells in which fewer than five are expected count as one.
inline double chi_square_score(const std::vector<double>& counts, const std::vector<double>& weights) {
    double total = 0, weight = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        total += counts[i];
        weight += weights[i];
    }
    double sum = 0, rare_count = 0, rare_expected = 0, cells = 0;
    const auto add = [&](double count, double expected) {
        sum += (count - expected) * (count - expected) / expected;
        ++cells;
    };
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const auto expected = total * weights[i] / weight;
        if (expected >= 5) {
            add(counts[i], expected);
        } else {
            rare_count += counts[i];
            rare_expected += expected;
        }
    }
    if (rare_expected > 0) add(rare_count, rare_expected);
    const auto freedom = cells - 1;
    const auto spread = 2 / (9 * freedom);
    return (std::cbrt(sum / freedom) - (1 - spread)) / std::sqrt(spread);
}

inline double even_score(const std::vector<double>& counts) {
    return chi_square_score(counts, std::vector<double>(counts.size(), 1.0));
}

// Counts of the bytes and of the bits of strings of one length.
class Spread {
public:
    explicit Spread(std::size_t length) : bits_(8 * length), bytes_(256) {}

    void add(ByteView string) {
        ++strings_;
        for (std::size_t i = 0; i < string.size(); ++i) {
            ++bytes_[string[i]];
            for (std::size_t bit = 0; bit < 8; ++bit) bits_[8 * i + bit] += string[i] >> bit & 1;
        }
    }

    double byte_score() const { return even_score(bytes_); }

    // The most surprising of the first `count` bits (little-endian within a byte).
    double worst_bit_score(std::size_t count) const {
        double worst = 0;
        for (std::size_t i = 0; i < count; ++i)
            worst = std::max(worst, std::abs(bits_[i] - strings_ / 2) / std::sqrt(strings_ / 4));
        return worst;
    }
    double worst_bit_score() const { return worst_bit_score(bits_.size()); }

private:
    double strings_ = 0;
    std::vector<double> bits_;
    std::vector<double> bytes_;
};

}  // namespace wcmp::message::statistics
