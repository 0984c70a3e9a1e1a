// Drives that the desktop has mounted, as this process may use them: a plain descriptor, so that while it is
// open an unmount fails as it should. A cloned mount would let it succeed, and people would take the drive
// out.
#pragma once

#include "core/error.h"
#include "drives/mount_table.h"
#include "drives/system_disks.h"
#include "io/unique_fd.h"

#include <string>
#include <vector>

namespace wcmp::drives {

// Where all of the device's file system is mounted, what may be written to first.
std::vector<std::string> mount_points(const MountTable& mounts, DeviceNumber device);

// Errc::busy when the desktop has not mounted it, or no longer. May block as long as the file system does.
Result<io::UniqueFd> open_mounted(DeviceNumber device, const SystemPaths& system);

// Whether this process has a file or a directory on it open. An error when that cannot be found out: then
// something may be.
Result<bool> is_open_here(DeviceNumber device);

}  // namespace wcmp::drives
