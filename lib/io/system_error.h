// What the system call that has just failed says, as an error.
#pragma once

#include "core/error.h"

#include <cerrno>
#include <expected>
#include <string_view>

namespace wcmp::io {

inline std::unexpected<Error> system_error(std::string_view what) {
    return std::unexpected(error_from_errno(what, errno));
}

}  // namespace wcmp::io
