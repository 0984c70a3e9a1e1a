// One look at a configured directory.
#pragma once

#include "drives/names.h"
#include "drives/source.h"

#include <filesystem>
#include <optional>

namespace wcmp::drives {

// Tells one directory from another that took its path: a mount over it, or a new one after removal.
struct Identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    bool operator==(const Identity&) const = default;
};

struct Observation {
    Identity identity;
    FileSystemKind file_system = FileSystemKind::other;
    std::optional<Names> names;  // none: they could not be listed
};

// Nothing when there is no directory at the path. May block as long as the file system does.
std::optional<Observation> observe(const std::filesystem::path& path, std::string_view folder);

// Opens it if it is still that one: not_found otherwise.
Result<std::unique_ptr<io::Directory>> open_identified(const std::filesystem::path& path,
                                                       const Identity& identity);

FileSystemKind file_system_kind(std::int64_t statfs_type);

}  // namespace wcmp::drives
