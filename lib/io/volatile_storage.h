// Whether what is written somewhere is still there after the power was cut.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <filesystem>

namespace wcmp::io {

// By statfs(2)'s f_type: tmpfs, ramfs, and what lies over a read-only system (overlayfs, squashfs), as on
// boxes whose card is protected from wear: their changes are in memory.
bool is_volatile(std::uint64_t file_system_type);
Result<bool> is_on_volatile_storage(const std::filesystem::path& path);

}  // namespace wcmp::io
