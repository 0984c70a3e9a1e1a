// A regular file of the real system.
#pragma once

#include "io/file.h"
#include "io/unique_fd.h"

namespace wcmp::io {

// Takes over a descriptor; Errc::not_regular when it is not one of a regular file.
Result<std::unique_ptr<WritableFile>> adopt_file(UniqueFd descriptor);

// Access and modification time of a file or directory: 2000-01-01 00:00 UTC.
Result<void> set_constant_times(int fd);

}  // namespace wcmp::io
