// What may name an entry of a directory: one component, never a way out of it.
#pragma once

#include "core/error.h"

#include <string_view>

namespace wcmp::io {

// Errc::invalid for an empty name, ".", "..", a name with '/' or NUL, and one longer than 255 bytes.
Result<void> check_name(std::string_view name);

}  // namespace wcmp::io
