// Search in one day of an index. Ids are hashes, so a place is guessed well from their first bits
// (interpolation); who chooses ids can spoil the guesses, so there are few of them and the rest is halved.
#pragma once

#include "bundle/entry_codec.h"

#include <algorithm>

namespace wcmp::bundle {

// IdAt: Result<const std::uint8_t*>(std::uint32_t position), the id that stands there.
template <class IdAt>
class DaySearch {
public:
    // Positions begin to end are one day's, their ids strictly ascending (or believed to be).
    DaySearch(std::uint32_t begin, std::uint32_t end, const MessageId& id, IdAt id_at)
        : low_(begin), high_(end), id_(id), wanted_(id_prefix(id.bytes.data())), id_at_(std::move(id_at)) {}

    // Before lower_bound(): where a day is cut into several bundles, its ids do not reach from the lowest to
    // the highest. Worth it where the ends are at hand: nearly all that is asked for is in another bundle.
    Result<void> look_at_ends() {
        if (low_ < high_) WCMP_TRY(probe(low_));
        if (low_ < high_) WCMP_TRY(probe(high_ - 1));
        return {};
    }

    // The first position whose id is not below the wanted one; `end` when all are.
    Result<std::uint32_t> lower_bound() {
        for (int guess = 0; guess < guesses_max && low_ < high_; ++guess) WCMP_TRY(probe(interpolated()));
        WCMP_TRY(gallop());
        while (low_ < high_) WCMP_TRY(probe(low_ + (high_ - low_) / 2));
        return low_;
    }

private:
    static constexpr int guesses_max = 4;
    static constexpr std::uint32_t first_stride = 4;

    std::uint32_t interpolated() const {
        const auto span = static_cast<double>(high_prefix_ - low_prefix_);
        const auto part = span > 0 ? static_cast<double>(wanted_ - low_prefix_) / span : 0.0;
        const auto steps = static_cast<std::uint32_t>(part * static_cast<double>(high_ - low_));
        return low_ + std::min(steps, high_ - low_ - 1);
    }

    // Away from the end that moved last, which is near, in growing strides.
    Result<void> gallop() {
        const bool upward = low_moved_;
        for (std::uint32_t stride = first_stride; low_ < high_ && low_moved_ == upward; stride *= 2) {
            const std::uint32_t reach = std::min(stride, high_ - low_) - 1;
            WCMP_TRY(probe(upward ? low_ + reach : high_ - 1 - reach));
        }
        return {};
    }

    Result<void> probe(std::uint32_t position) {
        WCMP_ASSIGN(const std::uint8_t* const found, id_at_(position));
        const int order = compare_ids(found, id_.bytes.data());
        low_moved_ = order < 0;
        if (order == 0) {
            low_ = high_ = position;
        } else if (low_moved_) {
            low_ = position + 1;
            low_prefix_ = id_prefix(found);
        } else {
            high_ = position;
            high_prefix_ = id_prefix(found);
        }
        return {};
    }

    std::uint32_t low_;
    std::uint32_t high_;
    std::uint64_t low_prefix_ = 0;
    std::uint64_t high_prefix_ = ~std::uint64_t{0};
    const MessageId& id_;
    std::uint64_t wanted_;
    bool low_moved_ = false;
    IdAt id_at_;
};

}  // namespace wcmp::bundle
