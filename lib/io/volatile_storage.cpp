#include "io/volatile_storage.h"

#include "io/system_error.h"

#include <algorithm>
#include <array>

#include <linux/magic.h>
#include <sys/vfs.h>

namespace wcmp::io {

bool is_volatile(std::uint64_t file_system_type) {
    constexpr std::array<std::uint64_t, 4> types{TMPFS_MAGIC, RAMFS_MAGIC, OVERLAYFS_SUPER_MAGIC,
                                                 SQUASHFS_MAGIC};
    return std::ranges::find(types, file_system_type) != types.end();
}

Result<bool> is_on_volatile_storage(const std::filesystem::path& path) {
    struct statfs status{};
    if (::statfs(path.c_str(), &status) != 0) return system_error("cannot ask for the file system's type");
    return is_volatile(static_cast<std::uint64_t>(status.f_type));
}

}  // namespace wcmp::io
