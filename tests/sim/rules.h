// The rules of one relay at one moment, once more and independently (lib/bundle/BUNDLE.md, sections 5 and 7).
#pragma once

#include "core/ids.h"

#include <array>
#include <optional>
#include <vector>

namespace wcmp::sim {

struct Rules {
    Day floor;
    bool trusted = false;
    std::uint32_t lifetime_days_max = 182;
    std::uint64_t message_bytes_max = 0;
    std::array<std::uint8_t, 32> salt{};
    std::uint64_t threshold = ~std::uint64_t{0};

    bool is_beyond(Day day) const;  // the horizon
    bool is_dead(const MessageKey& key) const;
    std::uint64_t rank(const MessageKey& key) const;
    bool evicts(const MessageKey& key) const { return rank(key) >= threshold; }
    // Whether the relay takes it in.
    bool admits(const MessageKey& key, std::uint32_t length) const;
};

}  // namespace wcmp::sim
