#include "drives/device_resolution.h"

#include "drives/sysfs.h"
#include "drives/words.h"

#include <algorithm>
#include <array>

namespace wcmp::drives {
namespace {

bool lies_on_no_disk(std::string_view type) {
    constexpr auto types =
        std::to_array<std::string_view>({"tmpfs", "ramfs", "rootfs", "devtmpfs", "autofs", "efivarfs", "proc",
                                         "sysfs", "nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "ceph"});
    return std::ranges::find(types, type) != types.end();
}

}  // namespace

bool DeviceResolution::add_path(std::string_view path) {
    const auto covering = mounts_.covering(path);
    bool known = !covering.empty();
    for (const auto* mount : covering) known &= add_mount(*mount);
    return known;
}

bool DeviceResolution::add_mount(const Mount& mount) {
    // An overlay whose layers are found in itself: they are mounted where nobody sees them any more.
    if (std::ranges::find(under_way_, &mount) != under_way_.end()) return false;
    under_way_.push_back(&mount);
    const bool known = lies_on_no_disk(mount.type) || add_source(mount) ||
                       (mount.point == "/" && add_root_of_command_line());
    under_way_.pop_back();
    return known;
}

bool DeviceResolution::add_source(const Mount& mount) {
    if (mount.type == "overlay") return add_overlay(mount);
    if (mount.type == "zfs") return add_pool(mount);
    if (mount.device.major != 0) return add_number(mount.device);
    return add_name({{}, mount.source}) && add_members(mount);
}

bool DeviceResolution::add_overlay(const Mount& overlay) {
    bool known = true;
    bool any = false;
    for (const auto option : split(overlay.options, ",")) {
        const auto equals = std::min(option.find('='), option.size());
        const auto key = option.substr(0, equals);
        if (key != "upperdir" && !key.starts_with("lowerdir") && !key.starts_with("datadir")) continue;
        for (const auto layer : split(option.substr(equals), "=:")) {
            any = true;
            known &= add_path(layer);
        }
    }
    return any && known;
}

// btrfs: the table of mounts names one device of several.
bool DeviceResolution::add_members(const Mount& mount) {
    const DeviceName source{{}, mount.source};
    const auto named =
        std::ranges::find_if(devices_, [&](const auto& device) { return names(source, device); });
    const auto id = named == devices_.end() ? std::string_view{} : named->property("ID_FS_UUID");
    // Without its id the others cannot be found, and there may be others.
    return !id.empty() && add_name({"UUID", std::string(id)});
}

bool DeviceResolution::add_pool(const Mount& mount) {
    const auto pool = std::string_view(mount.source).substr(0, mount.source.find('/'));
    bool any = false;
    bool known = true;
    for (const auto& device : devices_)
        if (device.property("ID_FS_TYPE") == "zfs_member" && device.property("ID_FS_LABEL") == pool) {
            any = true;
            known &= add_number(device.number);
        }
    return any && known;
}

bool DeviceResolution::add_root_of_command_line() {
    for (const auto word : words_of(command_line_))
        if (word.starts_with("root=")) {
            auto value = word.substr(5);
            while (value.ends_with('\n')) value.remove_suffix(1);
            return add_name(parse_device_name(value));
        }
    return false;
}

bool DeviceResolution::add_name(const DeviceName& name) {
    bool any = false;
    bool known = true;
    for (const auto& device : devices_)
        if (names(name, device)) {
            any = true;
            known &= add_number(device.number);
        }
    if (any || !name.tag.empty() || !name.value.starts_with("/dev/")) return any && known;
    const auto number = read_number(sys_ / "class/block" / name.value.substr(5));
    return number && add_number(*number);
}

bool DeviceResolution::add_number(DeviceNumber number, int depth) {
    constexpr int depth_max = 16;
    std::error_code failed;
    const auto link =
        sys_ / "dev/block" / (std::to_string(number.major) + ":" + std::to_string(number.minor));
    const auto device = std::filesystem::canonical(link, failed);
    if (failed || depth > depth_max) return false;
    if (std::filesystem::exists(device / "partition", failed)) {
        const auto disk = read_number(device.parent_path());
        return disk && add_number(*disk, depth + 1);
    }
    return add_below(device, number, depth);
}

bool DeviceResolution::add_below(const std::filesystem::path& device, DeviceNumber number, int depth) {
    const auto slaves = names_in(device / "slaves");
    bool known = true;
    for (const auto& slave : slaves) {
        const auto below = read_number(device / "slaves" / slave);
        known &= below && add_number(*below, depth + 1);
    }
    const auto image = read_line(device / "loop/backing_file");
    if (!image.empty()) return add_path(image);
    if (slaves.empty()) disks_.insert(number);
    return known;
}

}  // namespace wcmp::drives
