// What the process says when it ends (sysexits.h).
#pragma once

namespace wcmp::program {

inline constexpr int exit_nothing = 1;  // not found, nothing there, or failed in a way of its own
inline constexpr int exit_usage = 64;
inline constexpr int exit_data = 65;         // bytes are not what they should be
inline constexpr int exit_unavailable = 69;  // no relay answers
inline constexpr int exit_passphrase = 77;   // wrong, or the vault was altered

}  // namespace wcmp::program
