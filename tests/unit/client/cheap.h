// Keys of passphrases without the work that protects them.
#pragma once

#include "crypto/argon2.h"

namespace wcmp::client {

inline constexpr crypto::Argon2Cost cheap{.passes = 1, .memory_kib = 8, .lanes = 1};

}  // namespace wcmp::client
