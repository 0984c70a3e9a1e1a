// Mounts a drive where only those who hold its descriptor reach it: fsopen(2), fsconfig(2), fsmount(2). The
// mount stands nowhere in the file tree, and ends with the last descriptor of something in it.
#pragma once

#include "drives/devices.h"
#include "io/unique_fd.h"

#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace wcmp::mountd {

struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
};

struct DetachedMount {
    io::UniqueFd root;  // O_PATH
    bool read_only = false;
};

struct MountAttempt {
    Result<DetachedMount> mount;
    std::string kernel_text;  // the kernel's own words. They may name devices: for debugging only
};

// Options as fsconfig(2) takes them; an empty value is a flag. A file system without owners (vfat, exfat)
// belongs to `owner` and is for nobody else. ext4 has owners of its own, which stay.
std::vector<std::pair<std::string, std::string>> mount_options(drives::FileSystemKind file_system,
                                                               const Owner& owner);

// For reading and writing, or for reading only where the medium cannot be written. Errc::busy: somebody else
// has it (mounted, being formatted). Errc::not_found: the node is not this device's any more. May block as
// long as the device does.
MountAttempt mount_detached(const drives::Device& device, const Owner& owner);

// Whether this process may mount at all. Errc::denied: it has no CAP_SYS_ADMIN, or a filter of system calls
// keeps it away. Errc::unsupported: the kernel has no such calls.
Result<void> may_mount();

}  // namespace wcmp::mountd
