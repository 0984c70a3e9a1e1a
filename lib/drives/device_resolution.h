// From a path, a mount or a name to the whole disks that are behind it.
#pragma once

#include "drives/device_name.h"
#include "drives/mount_table.h"

#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

namespace wcmp::drives {

class DeviceResolution {
public:
    DeviceResolution(const MountTable& mounts, std::string_view command_line,
                     const std::filesystem::path& sys, const std::vector<BlockDevice>& devices)
        : mounts_(mounts), command_line_(command_line), sys_(sys), devices_(devices) {}

    // Each adds what it finds to disks(), and answers whether that was all. Where no disk is behind (memory,
    // the network), nothing is all.
    bool add_path(std::string_view path);
    bool add_mount(const Mount& mount);
    bool add_name(const DeviceName& name);
    bool add_number(DeviceNumber number, int depth = 0);

    const std::set<DeviceNumber>& disks() const { return disks_; }

private:
    bool add_source(const Mount& mount);
    bool add_overlay(const Mount& overlay);
    bool add_members(const Mount& mount);
    bool add_pool(const Mount& mount);
    bool add_root_of_command_line();
    bool add_below(const std::filesystem::path& device, DeviceNumber number, int depth);

    const MountTable& mounts_;
    const std::string_view command_line_;
    const std::filesystem::path& sys_;
    const std::vector<BlockDevice>& devices_;
    std::set<DeviceNumber> disks_;
    std::vector<const Mount*> under_way_;
};

}  // namespace wcmp::drives
