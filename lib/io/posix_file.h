// A regular file of the real system.
#pragma once

#include "io/file.h"
#include "io/unique_fd.h"

namespace wcmp::io {

// Takes over a descriptor; Errc::not_regular when it is not one of a regular file.
Result<std::unique_ptr<WritableFile>> adopt_file(UniqueFd descriptor);

// The same, of a file that was just made on a file system that needs order (write_order.h): before its first
// sync the directory is synced, and with it the table of places.
Result<std::unique_ptr<WritableFile>> adopt_new_file(UniqueFd descriptor, UniqueFd directory);

// Access and modification time of a file or directory: 2000-01-01 00:00 UTC.
Result<void> set_constant_times(int fd);

}  // namespace wcmp::io
