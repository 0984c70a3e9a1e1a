// Lower-case hexadecimal, strictly.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <string>
#include <string_view>

namespace wcmp::core {

std::string to_hex(ByteView bytes);

// Errc::invalid for an odd length or anything but 0-9 and a-f.
Result<Bytes> from_hex(std::string_view text);

// A FixedBytes from exactly twice its size of hex digits.
template <class Fixed>
Result<Fixed> fixed_from_hex(std::string_view text) {
    if (text.size() != 2 * Fixed::size) return fail(Errc::invalid, "wrong number of hexadecimal digits");
    const auto bytes = from_hex(text);
    if (!bytes) return std::unexpected(bytes.error());
    return Fixed::from(*bytes);
}

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}
