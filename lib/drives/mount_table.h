// The mounts of this process's namespace, as /proc/self/mountinfo tells them.
#pragma once

#include "drives/block_device.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::drives {

struct Mount {
    DeviceNumber device;  // major 0: no device of its own (overlay, tmpfs), or several (btrfs)
    std::string root;     // what of the file system is mounted: "/" is all of it
    std::string point;
    std::string type;
    std::string source;
    std::string options;     // the file system's own ones
    bool read_only = false;  // the mount, or the file system below it
};

class MountTable {
public:
    MountTable() = default;
    // Lines that are not of the form are left out.
    explicit MountTable(std::string_view mountinfo);

    const std::vector<Mount>& mounts() const { return mounts_; }

    // Those at the mount point that is nearest above the path: more than one when they lie upon each other,
    // as an automount and what it brought do.
    std::vector<const Mount*> covering(std::string_view path) const;

    std::set<DeviceNumber> devices() const;

private:
    std::vector<Mount> mounts_;
};

}  // namespace wcmp::drives
