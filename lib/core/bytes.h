// Bytes, views of bytes, and fixed-size byte strings that cannot be mixed up with each other.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wcmp::core {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// N bytes with a meaning of their own. Ordered as byte strings, most significant byte first.
template <class Tag, std::size_t N>
struct FixedBytes {
    static constexpr std::size_t size = N;

    std::array<std::uint8_t, N> bytes{};

    // Copies exactly N bytes; the caller has checked the length.
    static FixedBytes from(ByteView view) {
        FixedBytes result;
        std::copy_n(view.begin(), N, result.bytes.begin());
        return result;
    }

    ByteView view() const { return bytes; }

    auto operator<=>(const FixedBytes&) const = default;
};

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace wcmp::core

namespace wcmp {
using namespace core;  // core is the vocabulary of every other module
}
