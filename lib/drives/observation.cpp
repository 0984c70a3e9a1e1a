#include "drives/observation.h"

#include "io/posix.h"

#include <cerrno>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

namespace wcmp::drives {
namespace {

Identity identity_of(const struct stat& status) {
    return {.device = status.st_dev, .inode = status.st_ino};
}

}  // namespace

FileSystemKind file_system_kind(std::int64_t statfs_type) {
    switch (statfs_type) {
    case MSDOS_SUPER_MAGIC: return FileSystemKind::vfat;
    case EXFAT_SUPER_MAGIC: return FileSystemKind::exfat;
    case EXT4_SUPER_MAGIC: return FileSystemKind::ext4;
    default: return FileSystemKind::other;
    }
}

std::optional<Observation> observe(const std::filesystem::path& path, std::string_view folder) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return {};
    Observation observation;
    observation.identity = identity_of(status);
    struct statfs file_system{};
    if (::statfs(path.c_str(), &file_system) == 0)
        observation.file_system = file_system_kind(file_system.f_type);
    // A directory that may not be opened is a drive all the same: the visit will say what is wrong.
    if (const auto root = open_identified(path, observation.identity)) {
        if (const auto names = list_names(**root, folder)) observation.names = *names;
    }
    return observation;
}

Result<std::unique_ptr<io::Directory>> open_identified(const std::filesystem::path& path,
                                                       const Identity& identity) {
    io::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return std::unexpected(error_from_errno("cannot open the drive", errno));
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0)
        return std::unexpected(error_from_errno("cannot examine the drive", errno));
    if (identity_of(status) != identity)
        return fail(Errc::not_found, "another directory took the drive's place");
    return io::adopt_directory(std::move(fd));
}

}  // namespace wcmp::drives
