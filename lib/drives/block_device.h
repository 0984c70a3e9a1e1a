// A block device as udev and sysfs describe it: what the rules in qualification.h decide by.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::drives {

struct DeviceNumber {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;

    auto operator<=>(const DeviceNumber&) const = default;
};

// "8:1", as sysfs and the table of mounts write it.
std::optional<DeviceNumber> parse_device_number(std::string_view text);

using Properties = std::map<std::string, std::string, std::less<>>;

// Empty when there is none of that name.
inline std::string_view value_of(const Properties& properties, std::string_view name) {
    const auto found = properties.find(name);
    return found == properties.end() ? std::string_view{} : std::string_view(found->second);
}

// What a disk hangs on, near or far.
struct Ancestor {
    std::string subsystem;  // "usb", "mmc", "scsi", ...
    std::string type{};     // of an mmc card: "SD" or "MMC"
};

// What changes without an event of the device itself.
struct BlockState {
    std::uint64_t sectors = 0;  // of 512 bytes; 0: no medium
    unsigned partitions = 0;    // that the kernel has made of it
    bool held = false;          // by a mapped device, a RAID, a cache
};

struct BlockDevice {
    DeviceNumber number;
    DeviceNumber disk;  // the same for a whole disk
    std::string node;   // "/dev/sda1"
    std::string syspath;
    Properties properties;
    std::vector<Ancestor> ancestors;
    BlockState state;
    // Which of those that had this number it is; 0 where that is not known.
    std::uint64_t disk_sequence = 0;
    std::uint64_t initialized_us = 0;

    bool is_partition() const { return number != disk; }
    std::string_view property(std::string_view name) const { return value_of(properties, name); }
};

}  // namespace wcmp::drives
