// Reads hostile bytes front to back. It can only fail, never throw or run past the end.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

namespace wcmp::core {

class Cursor {
public:
    explicit Cursor(ByteView input) : rest_(input) {}

    // Big-endian integers. Errc::truncated when the input is shorter.
    Result<std::uint8_t> u8() { return number<std::uint8_t>(); }
    Result<std::uint16_t> u16() { return number<std::uint16_t>(); }
    Result<std::uint32_t> u32() { return number<std::uint32_t>(); }
    Result<std::uint64_t> u64() { return number<std::uint64_t>(); }

    // The next `length` bytes, as a view of the input.
    Result<ByteView> take(std::size_t length) {
        if (length > rest_.size()) return fail(Errc::truncated, "input ends early");
        const auto taken = rest_.first(length);
        rest_ = rest_.subspan(length);
        return taken;
    }

    // The next FixedBytes.
    template <class Fixed>
    Result<Fixed> fixed() {
        auto view = take(Fixed::size);
        if (!view) return std::unexpected(view.error());
        return Fixed::from(*view);
    }

    // A u32 length, at most `limit`, and that many bytes.
    Result<ByteView> sized_bytes(std::size_t limit) {
        const auto length = u32();
        if (!length) return std::unexpected(length.error());
        if (*length > limit) return fail(Errc::too_large, "a field is over its limit");
        return take(*length);
    }

    // Errc::invalid when bytes are left.
    Result<void> finish() const {
        if (!rest_.empty()) return fail(Errc::invalid, "bytes follow the end");
        return {};
    }

    std::size_t remaining() const { return rest_.size(); }

private:
    template <class Number>
    Result<Number> number() {
        auto view = take(sizeof(Number));
        if (!view) return std::unexpected(view.error());
        std::uint64_t value = 0;
        for (const auto byte : *view) value = value << 8 | byte;
        return static_cast<Number>(value);
    }

    ByteView rest_;
};

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}
