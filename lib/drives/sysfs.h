// What sysfs tells of a block device beyond its events.
#pragma once

#include "drives/block_device.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wcmp::drives {

// The first line of an attribute; empty when there is none.
std::string read_line(const std::filesystem::path& attribute);

// The number of the device whose directory this is.
std::optional<DeviceNumber> read_number(const std::filesystem::path& device);

// In no order; empty when there is no such directory.
std::vector<std::string> names_in(const std::filesystem::path& directory);

// Nothing when the device is there no more, or another one in its place.
std::optional<BlockState> read_block_state(const std::filesystem::path& device, DeviceNumber number);

}  // namespace wcmp::drives
