// Bytes that nobody else may see: wiped when they go, compared without telling how much was equal.
#pragma once

#include "core/bytes.h"

namespace wcmp::crypto {

// Overwrites with zeros in a way that the compiler does not leave out.
void wipe(MutableBytes bytes);

// True when both have the same length and bytes; the time depends on the length only.
bool equal_constant_time(ByteView a, ByteView b);

// N secret bytes, zero at first.
template <std::size_t N>
class Secret {
public:
    Secret() = default;
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }

    static constexpr std::size_t size() { return N; }
    ByteView view() const { return bytes_; }
    MutableBytes writable() { return bytes_; }
    std::uint8_t* data() { return bytes_.data(); }
    const std::uint8_t* data() const { return bytes_.data(); }

private:
    std::array<std::uint8_t, N> bytes_{};
};

using Secret32 = Secret<32>;

// Wipes what it was given when the scope is left, unless released.
class WipeOnExit {
public:
    explicit WipeOnExit(MutableBytes bytes) : bytes_(bytes) {}
    WipeOnExit(const WipeOnExit&) = delete;
    WipeOnExit& operator=(const WipeOnExit&) = delete;
    ~WipeOnExit() { wipe(bytes_); }

    void release() { bytes_ = {}; }

private:
    MutableBytes bytes_;
};

}  // namespace wcmp::crypto
