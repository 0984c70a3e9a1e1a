#include "drives/mount_table.h"

#include "drives/device_name.h"
#include "drives/words.h"

#include <algorithm>
#include <optional>

namespace wcmp::drives {
namespace {

bool has_option(std::string_view options, std::string_view name) {
    const auto all = split(options, ",");
    return std::ranges::find(all, name) != all.end();
}

std::optional<Mount> parse_mount(std::string_view line) {
    // 36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue
    const auto words = words_of(line);
    const auto dash = std::ranges::find(words, std::string_view("-"));
    if (dash - words.begin() < 6 || words.end() - dash < 4) return {};
    const auto number = parse_device_number(words[2]);
    if (!number) return {};
    return Mount{.device = *number,
                 .root = unescape_octal(words[3]),
                 .point = unescape_octal(words[4]),
                 .type = unescape_octal(dash[1]),
                 .source = unescape_octal(dash[2]),
                 .options = unescape_octal(dash[3]),
                 .read_only = has_option(words[5], "ro") || has_option(dash[3], "ro")};
}

bool is_at_or_above(std::string_view point, std::string_view path) {
    if (point == "/") return path.starts_with('/');
    return path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/');
}

}  // namespace

MountTable::MountTable(std::string_view mountinfo) {
    for (const auto line : lines_of(mountinfo))
        if (auto mount = parse_mount(line)) mounts_.push_back(std::move(*mount));
}

std::vector<const Mount*> MountTable::covering(std::string_view path) const {
    std::vector<const Mount*> nearest;
    for (const auto& mount : mounts_) {
        if (!is_at_or_above(mount.point, path)) continue;
        const auto known = nearest.empty() ? 0 : nearest.front()->point.size();
        if (mount.point.size() < known) continue;
        if (mount.point.size() > known) nearest.clear();
        nearest.push_back(&mount);
    }
    return nearest;
}

std::set<DeviceNumber> MountTable::devices() const {
    std::set<DeviceNumber> numbers;
    for (const auto& mount : mounts_)
        if (mount.device.major != 0) numbers.insert(mount.device);
    return numbers;
}

}  // namespace wcmp::drives
