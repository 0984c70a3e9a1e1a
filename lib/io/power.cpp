#include "io/power.h"

#include <fstream>
#include <string>

namespace wcmp::io {

namespace {

std::string first_word(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::string word;
    stream >> word;
    return word;
}

}  // namespace

bool under_voltage(const std::filesystem::path& sysfs) {
    std::error_code failed;
    std::filesystem::directory_iterator entry(sysfs / "class" / "hwmon", failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed))
        if (first_word(entry->path() / "name") == "rpi_volt" &&
            first_word(entry->path() / "in0_lcrit_alarm") == "1")
            return true;
    return false;
}

}  // namespace wcmp::io
