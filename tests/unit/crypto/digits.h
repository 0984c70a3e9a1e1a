// Bytes as the texts of the algorithms print them.
#pragma once

#include "core/hex.h"

#include <string_view>

namespace wcmp::crypto {

inline Bytes hex(std::string_view digits) {
    return from_hex(digits).value();
}

}  // namespace wcmp::crypto
