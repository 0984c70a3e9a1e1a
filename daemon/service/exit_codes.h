// What the process says when it ends (sysexits.h).
#pragma once

namespace wcmp::daemon {

inline constexpr int exit_usage = 64;
inline constexpr int exit_unavailable = 69;    // another daemon owns the store or the socket
inline constexpr int exit_store_failing = 75;  // the next start tries once more
inline constexpr int exit_config = 78;

}  // namespace wcmp::daemon
