// What is told of devices when events come once, twice, late or never.
#include "drives/device_table.h"

#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace wcmp::drives {
namespace {

BlockDevice disk(std::uint64_t sequence, Properties properties = {}) {
    BlockDevice device;
    device.number = device.disk = {8, 0};
    device.node = "/dev/sda";
    device.syspath = "/sys/devices/pci/usb1/block/sda";
    device.ancestors = {{"usb"}};
    device.state.sectors = 1000;
    device.disk_sequence = sequence;
    device.properties = std::move(properties);
    return device;
}

Properties vfat(const std::string& id = "1234-ABCD") {
    return {{"ID_FS_USAGE", "filesystem"}, {"ID_FS_TYPE", "vfat"}, {"ID_FS_UUID", id}};
}

BlockDevice divided(std::uint64_t sequence) {
    auto device = disk(sequence);
    device.state.partitions = 1;
    return device;
}

BlockDevice partition(std::uint32_t number, std::uint64_t sequence, Properties properties = vfat()) {
    auto device = disk(sequence, std::move(properties));
    device.number.minor = number;
    device.node += std::to_string(number);
    return device;
}

class Table : public DeviceTable {
public:
    explicit Table(QualificationRules rules = {}) : DeviceTable(std::move(rules)) {}

    // "found 8:1#5 ready, gone 8:1#4 ready"
    std::string told() {
        std::ostringstream text;
        for (const auto& report : judge(facts)) {
            constexpr std::array words{"found", "changed", "gone", "disqualified", "wanted"};
            const auto& [key, node, kind, readiness, carrier] = report.device;
            text << (text.tellp() > 0 ? ", " : "") << words[static_cast<std::size_t>(report.what)] << ' '
                 << key.major << ':' << key.minor << '#' << key.generation << ' '
                 << (readiness == Readiness::ready ? "ready" : to_string(readiness));
        }
        return text.str();
    }

    SystemFacts facts;
};

TEST(DeviceTable, ADeviceIsToldOnce) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 5));
    EXPECT_EQ(watched.told(), "found 8:1#5 ready");
    watched.update(partition(1, 5));
    watched.update(divided(5));
    watched.update(partition(1, 5));
    EXPECT_EQ(watched.told(), "");
}

TEST(DeviceTable, ReadinessThatChangesIsTold) {
    Table watched;
    watched.update(disk(5, vfat()));
    EXPECT_EQ(watched.told(), "found 8:0#5 ready");
    watched.facts.mounted.insert({8, 0});
    EXPECT_EQ(watched.told(), "changed 8:0#5 waiting");
    watched.facts.mounted.clear();
    EXPECT_EQ(watched.told(), "changed 8:0#5 ready");
}

TEST(DeviceTable, FormattedInTwoStepsItIsTheSameDevice) {
    Table watched;
    watched.update(disk(5, vfat()));
    watched.told();
    watched.update(disk(5));
    EXPECT_EQ(watched.told(), "changed 8:0#5 empty");
    watched.update(disk(5, vfat("9999-0000")));
    EXPECT_EQ(watched.told(), "changed 8:0#5 ready");
}

TEST(DeviceTable, AnotherFileSystemAtOnceIsAnotherDrive) {
    Table watched;
    watched.update(disk(5, vfat()));
    watched.told();
    watched.update(disk(5, vfat("9999-0000")));
    EXPECT_EQ(watched.told(), "gone 8:0#5 ready, found 8:0#5 ready");
}

TEST(DeviceTable, WithADiskItsPartitionsGo) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 5));
    watched.update(partition(2, 5));
    watched.told();
    watched.remove(divided(5));
    EXPECT_EQ(watched.told(), "gone 8:1#5 ready, gone 8:2#5 ready");
    watched.remove(partition(1, 5));
    EXPECT_EQ(watched.told(), "");
    EXPECT_TRUE(watched.devices().empty());
}

TEST(DeviceTable, OfThatNothingIsKnownOnRemovalButItsNumber) {
    Table watched;
    watched.update(disk(5, vfat()));
    watched.told();
    BlockDevice bare;
    bare.number = bare.disk = {8, 0};
    watched.remove(bare);
    EXPECT_EQ(watched.told(), "gone 8:0#5 ready");
}

TEST(DeviceTable, ANumberGivenAgainIsAnotherDevice) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 5));
    watched.told();
    watched.update(divided(6));  // whose removal was missed
    EXPECT_EQ(watched.told(), "gone 8:1#5 ready");
    watched.update(partition(1, 6));
    EXPECT_EQ(watched.told(), "found 8:1#6 ready");
    watched.update(partition(1, 7));
    EXPECT_EQ(watched.told(), "gone 8:1#6 ready, found 8:1#7 ready");
}

TEST(DeviceTable, PartitionsThatAreNewAlreadyStay) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 6));
    EXPECT_EQ(watched.told(), "found 8:1#6 ready");
    watched.update(divided(6));
    EXPECT_EQ(watched.told(), "");
}

// They wait in the socket while the devices are listed.
TEST(DeviceTable, EventsOlderThanWhatIsKnownAreLateNews) {
    Table watched;
    watched.update(disk(6, vfat()));
    watched.told();
    watched.update(disk(5));
    watched.remove(disk(5));
    EXPECT_EQ(watched.told(), "");
    watched.remove(disk(6));
    EXPECT_EQ(watched.told(), "gone 8:0#6 ready");
}

TEST(DeviceTable, WhereThereIsNoSequenceTheTimeTells) {
    const auto at = [](std::uint64_t initialized, std::string id = "1234-ABCD") {
        auto device = disk(0, vfat(id));
        device.initialized_us = initialized;
        return device;
    };
    Table watched;
    watched.update(at(100));
    EXPECT_EQ(watched.told(), "found 8:0#100 ready");
    watched.remove(at(90));
    watched.update(at(0));
    EXPECT_EQ(watched.told(), "");
    watched.update(at(200));
    EXPECT_EQ(watched.told(), "gone 8:0#100 ready, found 8:0#200 ready");
}

TEST(DeviceTable, AListIsAllThereIs) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 5));
    watched.update(partition(2, 5));
    watched.told();
    watched.replace({partition(1, 6), partition(3, 6), divided(6)});
    EXPECT_EQ(watched.told(), "gone 8:2#5 ready, gone 8:1#5 ready, found 8:1#6 ready, found 8:3#6 ready");
    watched.replace({});
    EXPECT_EQ(watched.told(), "gone 8:1#6 ready, gone 8:3#6 ready");
}

TEST(DeviceTable, WhatIsWantedIsEachDriveOfTheDisk) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 5));
    watched.update(partition(2, 5, {{"ID_FS_USAGE", "crypto"}}));
    watched.want({8, 0});
    EXPECT_EQ(watched.told(),
              "found 8:1#5 ready, found 8:2#5 encrypted, wanted 8:1#5 ready, wanted 8:2#5 encrypted");
    watched.want({8, 2});
    EXPECT_EQ(watched.told(), "wanted 8:2#5 encrypted");
    watched.want({9, 9});
    EXPECT_EQ(watched.told(), "");
}

TEST(DeviceTable, NoLongerOursIsDisqualifiedOnceAndFoundAgain) {
    Table watched;
    watched.update(disk(5, vfat()));
    watched.told();
    watched.facts.system.unknown = "cannot tell";
    EXPECT_EQ(watched.told(), "disqualified 8:0#5 ready");
    watched.want({8, 0});
    EXPECT_EQ(watched.told(), "");
    watched.facts.system.unknown = {};
    EXPECT_EQ(watched.told(), "found 8:0#5 ready");
    EXPECT_EQ(watched.told(), "");
}

// Who holds it has to know.
TEST(DeviceTable, NoLongerOursAndPulledOutIsGone) {
    Table watched;
    watched.update(disk(5, vfat()));
    watched.told();
    watched.facts.system.disks.insert({8, 0});
    EXPECT_EQ(watched.told(), "disqualified 8:0#5 ready");
    watched.remove(disk(5));
    EXPECT_EQ(watched.told(), "gone 8:0#5 ready");
}

TEST(DeviceTable, APartitionWaitsForItsDiskToBeKnown) {
    Table watched;
    watched.update(partition(1, 5));
    EXPECT_EQ(watched.told(), "");
    watched.update(divided(5));
    EXPECT_EQ(watched.told(), "found 8:1#5 ready");
}

TEST(DeviceTable, WhatSysfsTellsLaterCounts) {
    Table watched;
    watched.update(disk(5, vfat()));
    watched.told();
    watched.refresh([](const std::filesystem::path&, DeviceNumber) {
        return std::optional(BlockState{.sectors = 1000, .partitions = 0, .held = true});
    });
    EXPECT_EQ(watched.told(), "changed 8:0#5 waiting");
    watched.refresh([](const std::filesystem::path&, DeviceNumber) { return std::optional<BlockState>(); });
    EXPECT_EQ(watched.told(), "");
    watched.refresh([](const std::filesystem::path&, DeviceNumber) {
        return std::optional(BlockState{.sectors = 1000, .partitions = 1, .held = false});
    });
    EXPECT_EQ(watched.told(), "disqualified 8:0#5 waiting");
}

TEST(DeviceTable, ADiskThatIsTakenApartOnItsWayOutIsNotEmpty) {
    Table watched;
    watched.update(divided(5));
    watched.update(partition(1, 5));
    watched.told();
    watched.remove(partition(1, 5));
    watched.refresh([](const std::filesystem::path&, DeviceNumber) { return std::optional(BlockState{}); });
    EXPECT_EQ(watched.told(), "gone 8:1#5 ready");
    watched.update(disk(5));  // its own event: somebody has deleted the partition
    EXPECT_EQ(watched.told(), "found 8:0#5 empty");
}

// A disk, or with a partition's name below it a partition, as sysfs places it.
BlockDevice placed(DeviceNumber number, DeviceNumber whole, const std::string& syspath) {
    auto device = disk(number.minor + 1, vfat());
    device.number = number;
    device.disk = whole;
    device.syspath = syspath;
    device.state.partitions = 0;
    return device;
}

std::map<DeviceNumber, std::uint32_t> carriers(Table& watched) {
    std::map<DeviceNumber, std::uint32_t> found;
    for (const auto& report : watched.judge(watched.facts))
        found[{report.device.key.major, report.device.key.minor}] = report.device.carrier;
    return found;
}

TEST(DeviceTable, WhatIsPluggedInAsOneHasOneNumber) {
    const std::string hub = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/";
    const std::string reader = hub + "1-4.1/1-4.1:1.0/host4/target4:0:0/";
    const std::string thumb = hub + "1-4.2/1-4.2:1.0/host5/target5:0:0/5:0:0:0/block/sdc";
    const std::string card =
        "/sys/devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0";
    Table watched;
    watched.update(placed({8, 0}, {8, 0}, reader + "4:0:0:0/block/sda"));
    watched.update(placed({8, 16}, {8, 16}, reader + "4:0:0:1/block/sdb"));
    watched.update(placed({8, 32}, {8, 32}, thumb));
    watched.update(placed({8, 33}, {8, 32}, thumb + "/sdc1"));
    watched.update(placed({179, 0}, {179, 0}, card));
    watched.update(placed({179, 1}, {179, 0}, card + "/mmcblk0p1"));
    watched.update(placed({179, 32}, {179, 32}, "/sys/devices/platform/other.mmc/block/mmcblk1"));
    auto found = carriers(watched);
    EXPECT_NE((found[{8, 0}]), 0u);
    EXPECT_EQ((found[{8, 0}]), (found[{8, 16}])) << "two slots of a reader";
    EXPECT_EQ((found[{8, 32}]), (found[{8, 33}])) << "a stick and its partition";
    EXPECT_EQ((found[{179, 0}]), (found[{179, 1}])) << "a card and its partition";
    const std::set<std::uint32_t> apart{found[{8, 0}], found[{8, 32}], found[{179, 0}], found[{179, 32}]};
    EXPECT_EQ(apart.size(), 4u);
    watched.remove(placed({8, 32}, {8, 32}, thumb));
    watched.judge(watched.facts);
    watched.update(placed({8, 32}, {8, 32}, thumb));
    const auto again = carriers(watched).at({8, 32});
    EXPECT_FALSE(apart.contains(again)) << "what is plugged in later is another";
}

TEST(DeviceTable, WhatTakesItsPlaceHasAnotherNumber) {
    Table watched;
    watched.update(disk(5, vfat()));
    const auto before = carriers(watched).at({8, 0});
    watched.update(disk(6, vfat()));
    EXPECT_NE(carriers(watched).at({8, 0}), before);
}

}  // namespace
}  // namespace wcmp::drives
