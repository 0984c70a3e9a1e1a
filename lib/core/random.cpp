#include "core/random.h"

namespace wcmp::core {

Result<std::uint64_t> uniform(Random& random, std::uint64_t bound) {
    // Numbers below 2^64 mod bound would favour small results; they are drawn again.
    const std::uint64_t reject_below = (0 - bound) % bound;
    for (;;) {
        std::array<std::uint8_t, 8> bytes{};
        if (auto filled = random.fill(bytes); !filled) return std::unexpected(filled.error());
        std::uint64_t value = 0;
        for (const auto byte : bytes) value = value << 8 | byte;
        if (value >= reject_below) return value % bound;
    }
}

std::uint64_t SeededRandom::next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

Result<void> SeededRandom::fill(MutableBytes into) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < into.size(); ++i) {
        if (i % 8 == 0) value = next();
        into[i] = static_cast<std::uint8_t>(value >> (8 * (i % 8)));
    }
    return {};
}

}  // namespace wcmp::core
