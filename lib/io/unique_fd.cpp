#include "io/unique_fd.h"

#include <unistd.h>

namespace wcmp::io {

void UniqueFd::reset(int fd) {
    // close() may fail, but it always gives the number back; what matters was synced before.
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

}  // namespace wcmp::io
