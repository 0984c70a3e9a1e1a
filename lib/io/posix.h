// Files and directories of the real system.
#pragma once

#include "io/file.h"
#include "io/unique_fd.h"

#include <filesystem>

namespace wcmp::io {

// Opens a directory by path, following links in the path (a person gave it).
Result<std::unique_ptr<Directory>> open_directory(const std::filesystem::path& path);

// Creates it first, mode 0700, with its parents, where it is missing.
Result<std::unique_ptr<Directory>> open_or_make_directory(const std::filesystem::path& path);

// Takes over a descriptor of a directory; an O_PATH one, as fsmount() gives, will do.
Result<std::unique_ptr<Directory>> adopt_directory(UniqueFd descriptor);

}  // namespace wcmp::io
