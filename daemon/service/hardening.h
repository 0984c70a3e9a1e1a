// What a process can do for itself before it reads anything.
#pragma once

#include "core/limits.h"

#include <cstdint>

namespace wcmp::daemon {

// Files are for their owner only, memory is never written to a core file, a closed pipe is an error like
// others.
void harden_process();

// Asks for as many open files as a store and drives of the most bundles need, or as the system allows.
// Answers how many there may be now.
std::uint64_t raise_open_files_limit();

inline constexpr std::uint64_t open_files_wanted = 65'536;
// A store and one drive, both of limits::drive_bundles_max bundles.
inline constexpr std::uint64_t open_files_enough = 2 * limits::drive_bundles_max + 512;

}  // namespace wcmp::daemon
