#include "io/write_order.h"

#include <utility>

#include <linux/magic.h>
#include <sys/vfs.h>

namespace wcmp::io {

bool needs_order(std::uint64_t file_system_type) {
    constexpr std::uint64_t exfat = 0x2011BAB0;  // in <linux/magic.h> from 6.8 on
    return file_system_type == MSDOS_SUPER_MAGIC || file_system_type == exfat;
}

bool needs_order(int fd) {
    struct statfs status{};
    return ::fstatfs(fd, &status) == 0 && needs_order(static_cast<std::uint64_t>(status.f_type));
}

bool RemovedFiles::full() const {
    const std::scoped_lock lock(mutex_);
    return files_.size() >= most;
}

void RemovedFiles::hold(UniqueFd file) {
    const std::scoped_lock lock(mutex_);
    files_.push_back(std::move(file));
}

std::vector<UniqueFd> RemovedFiles::take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(files_, {});
}

}  // namespace wcmp::io
