#include "io/power.h"

#include "temporary_directory.h"

#include <fstream>

#include <gtest/gtest.h>

namespace wcmp::io {
namespace {

// A tree like that of sysfs.
struct PowerTest : testing::Test {
    tests::TemporaryDirectory sysfs;

    void add(const std::string& device, const std::string& name, const std::string& alarm) const {
        const auto folder = sysfs.path() / "class" / "hwmon" / device;
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "name") << name << '\n';
        if (!alarm.empty()) std::ofstream(folder / "in0_lcrit_alarm") << alarm << '\n';
    }
};

TEST_F(PowerTest, WithoutASensorNothingIsKnown) {
    EXPECT_FALSE(under_voltage(sysfs.path()));
    add("hwmon0", "coretemp", "");
    add("hwmon1", "rpi_volt", "");
    EXPECT_FALSE(under_voltage(sysfs.path()));
}

TEST_F(PowerTest, TheBoardsSensorIsFoundByItsName) {
    add("hwmon0", "nvme", "1");
    add("hwmon2", "rpi_volt", "0");
    EXPECT_FALSE(under_voltage(sysfs.path())) << "another sensor's alarm is no matter of the supply";
    add("hwmon2", "rpi_volt", "1");
    EXPECT_TRUE(under_voltage(sysfs.path()));
}

}  // namespace
}  // namespace wcmp::io
