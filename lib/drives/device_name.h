// How /etc/fstab, the kernel's command line and the table of mounts name a block device.
#pragma once

#include "drives/block_device.h"

#include <string>
#include <string_view>
#include <vector>

namespace wcmp::drives {

struct DeviceName {
    std::string tag;    // "UUID", "LABEL", "PARTUUID" or "PARTLABEL"; empty: a path
    std::string value;  // "/dev/sda1" for a path

    bool operator==(const DeviceName&) const = default;
};

// "UUID=1234-ABCD", "LABEL=\"my stick\"", "/dev/sda1".
DeviceName parse_device_name(std::string_view text);

// Whether it is one of the device's names. Two clones have the same ones.
bool names(const DeviceName& name, const BlockDevice& device);

// The devices in a text of the form of /etc/fstab; what is no device ("proc", "nas:/export") is left out.
std::vector<DeviceName> parse_fstab(std::string_view text);

// "\040" is a space, as in /etc/fstab and /proc/self/mountinfo.
std::string unescape_octal(std::string_view text);

}  // namespace wcmp::drives
