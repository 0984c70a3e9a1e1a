// The disks that the system lies on: no drive is ever made of one of them.
#pragma once

#include "drives/block_device.h"
#include "drives/mount_table.h"

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::drives {

struct SystemDisks {
    std::set<DeviceNumber> disks;  // whole ones
    // Not empty: for which place it cannot be told, as a sentence for people. Then nothing may be used.
    std::string_view unknown;
};

// What the kernel says about it, as text.
struct SystemTexts {
    std::string mountinfo;
    std::string swaps;
    std::string command_line;
    std::string fstab;
};

// Where to read; a test has a tree of its own.
struct SystemPaths {
    std::filesystem::path proc = "/proc";
    std::filesystem::path sys = "/sys";
    std::filesystem::path etc = "/etc";
};
SystemTexts read_system_texts(const SystemPaths& paths);

// The store's folder without links, as far as they can be followed. Below a folder that this process may not
// search the path counts as it is written: a store whose place is not seen must not be left out.
std::string resolve_store(const std::filesystem::path& store);

// The disks behind /, /usr, /var, whatever is mounted at or below /boot and /efi, the store and swap. Mapped
// devices and RAIDs are followed to their disks, an overlay to its layers, an image to the file that it is;
// all of a file system's members count. `devices` are those that udev knows: file systems of several devices
// and names like PARTUUID= are found among them, each with all that answer to the name.
SystemDisks find_system_disks(const MountTable& mounts, const SystemTexts& texts, std::string_view store,
                              const std::filesystem::path& sys, const std::vector<BlockDevice>& devices);

}  // namespace wcmp::drives
