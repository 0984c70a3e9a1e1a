// Whether the machine gets enough power, as far as it can tell.
#pragma once

#include <filesystem>

namespace wcmp::io {

// True while a Raspberry Pi finds its supply too weak: hwmon device "rpi_volt", whose number differs from
// board to board. False where there is no such sensor. `sysfs` is "/sys", or what a test made.
bool under_voltage(const std::filesystem::path& sysfs);

}  // namespace wcmp::io
