// What is told of devices when events come once, twice, late or never.
#include "drives/device_table.h"

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
            constexpr std::array words{"found", "changed", "gone", "wanted"};
            const auto& [key, node, kind, readiness] = report.device;
            text << (text.tellp() > 0 ? ", " : "") << words[static_cast<std::size_t>(report.what)] << ' '
                 << key.major << ':' << key.minor << '#' << key.generation << ' '
                 << (readiness == Readiness::ready ? "ready" : to_string(readiness));
        }
        return text.str();
    }

    SystemFacts facts;
};

TEST(DeviceTable, ADeviceIsToldOnce) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 5));
    EXPECT_EQ(table.told(), "found 8:1#5 ready");
    table.update(partition(1, 5));
    table.update(divided(5));
    table.update(partition(1, 5));
    EXPECT_EQ(table.told(), "");
}

TEST(DeviceTable, ReadinessThatChangesIsTold) {
    Table table;
    table.update(disk(5, vfat()));
    EXPECT_EQ(table.told(), "found 8:0#5 ready");
    table.facts.mounted.insert({8, 0});
    EXPECT_EQ(table.told(), "changed 8:0#5 waiting");
    table.facts.mounted.clear();
    EXPECT_EQ(table.told(), "changed 8:0#5 ready");
}

TEST(DeviceTable, FormattedInTwoStepsItIsTheSameDevice) {
    Table table;
    table.update(disk(5, vfat()));
    table.told();
    table.update(disk(5));
    EXPECT_EQ(table.told(), "changed 8:0#5 empty");
    table.update(disk(5, vfat("9999-0000")));
    EXPECT_EQ(table.told(), "changed 8:0#5 ready");
}

TEST(DeviceTable, AnotherFileSystemAtOnceIsAnotherDrive) {
    Table table;
    table.update(disk(5, vfat()));
    table.told();
    table.update(disk(5, vfat("9999-0000")));
    EXPECT_EQ(table.told(), "gone 8:0#5 ready, found 8:0#5 ready");
}

TEST(DeviceTable, WithADiskItsPartitionsGo) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 5));
    table.update(partition(2, 5));
    table.told();
    table.remove(divided(5));
    EXPECT_EQ(table.told(), "gone 8:1#5 ready, gone 8:2#5 ready");
    table.remove(partition(1, 5));
    EXPECT_EQ(table.told(), "");
    EXPECT_TRUE(table.devices().empty());
}

TEST(DeviceTable, OfThatNothingIsKnownOnRemovalButItsNumber) {
    Table table;
    table.update(disk(5, vfat()));
    table.told();
    BlockDevice bare;
    bare.number = bare.disk = {8, 0};
    table.remove(bare);
    EXPECT_EQ(table.told(), "gone 8:0#5 ready");
}

TEST(DeviceTable, ANumberGivenAgainIsAnotherDevice) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 5));
    table.told();
    table.update(divided(6));  // whose removal was missed
    EXPECT_EQ(table.told(), "gone 8:1#5 ready");
    table.update(partition(1, 6));
    EXPECT_EQ(table.told(), "found 8:1#6 ready");
    table.update(partition(1, 7));
    EXPECT_EQ(table.told(), "gone 8:1#6 ready, found 8:1#7 ready");
}

TEST(DeviceTable, PartitionsThatAreNewAlreadyStay) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 6));
    EXPECT_EQ(table.told(), "found 8:1#6 ready");
    table.update(divided(6));
    EXPECT_EQ(table.told(), "");
}

// They wait in the socket while the devices are listed.
TEST(DeviceTable, EventsOlderThanWhatIsKnownAreLateNews) {
    Table table;
    table.update(disk(6, vfat()));
    table.told();
    table.update(disk(5));
    table.remove(disk(5));
    EXPECT_EQ(table.told(), "");
    table.remove(disk(6));
    EXPECT_EQ(table.told(), "gone 8:0#6 ready");
}

TEST(DeviceTable, WhereThereIsNoSequenceTheTimeTells) {
    const auto at = [](std::uint64_t initialized, std::string id = "1234-ABCD") {
        auto device = disk(0, vfat(id));
        device.initialized_us = initialized;
        return device;
    };
    Table table;
    table.update(at(100));
    EXPECT_EQ(table.told(), "found 8:0#100 ready");
    table.remove(at(90));
    table.update(at(0));
    EXPECT_EQ(table.told(), "");
    table.update(at(200));
    EXPECT_EQ(table.told(), "gone 8:0#100 ready, found 8:0#200 ready");
}

TEST(DeviceTable, AListIsAllThereIs) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 5));
    table.update(partition(2, 5));
    table.told();
    table.replace({partition(1, 6), partition(3, 6), divided(6)});
    EXPECT_EQ(table.told(), "gone 8:2#5 ready, gone 8:1#5 ready, found 8:1#6 ready, found 8:3#6 ready");
    table.replace({});
    EXPECT_EQ(table.told(), "gone 8:1#6 ready, gone 8:3#6 ready");
}

TEST(DeviceTable, WhatIsWantedIsEachDriveOfTheDisk) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 5));
    table.update(partition(2, 5, {{"ID_FS_USAGE", "crypto"}}));
    table.want({8, 0});
    EXPECT_EQ(table.told(),
              "found 8:1#5 ready, found 8:2#5 encrypted, wanted 8:1#5 ready, wanted 8:2#5 encrypted");
    table.want({8, 2});
    EXPECT_EQ(table.told(), "wanted 8:2#5 encrypted");
    table.want({9, 9});
    EXPECT_EQ(table.told(), "");
}

TEST(DeviceTable, NoLongerOursIsGone) {
    Table table;
    table.update(disk(5, vfat()));
    table.told();
    table.facts.system.unknown = "cannot tell";
    EXPECT_EQ(table.told(), "gone 8:0#5 ready");
    table.facts.system.unknown = {};
    EXPECT_EQ(table.told(), "found 8:0#5 ready");
}

TEST(DeviceTable, APartitionWaitsForItsDiskToBeKnown) {
    Table table;
    table.update(partition(1, 5));
    EXPECT_EQ(table.told(), "");
    table.update(divided(5));
    EXPECT_EQ(table.told(), "found 8:1#5 ready");
}

TEST(DeviceTable, WhatSysfsTellsLaterCounts) {
    Table table;
    table.update(disk(5, vfat()));
    table.told();
    table.refresh([](const std::filesystem::path&, DeviceNumber) {
        return std::optional(BlockState{.sectors = 1000, .partitions = 0, .held = true});
    });
    EXPECT_EQ(table.told(), "changed 8:0#5 waiting");
    table.refresh([](const std::filesystem::path&, DeviceNumber) { return std::optional<BlockState>(); });
    EXPECT_EQ(table.told(), "");
    table.refresh([](const std::filesystem::path&, DeviceNumber) {
        return std::optional(BlockState{.sectors = 1000, .partitions = 1, .held = false});
    });
    EXPECT_EQ(table.told(), "gone 8:0#5 waiting");
}

TEST(DeviceTable, ADiskThatIsTakenApartOnItsWayOutIsNotEmpty) {
    Table table;
    table.update(divided(5));
    table.update(partition(1, 5));
    table.told();
    table.remove(partition(1, 5));
    table.refresh([](const std::filesystem::path&, DeviceNumber) { return std::optional(BlockState{}); });
    EXPECT_EQ(table.told(), "gone 8:1#5 ready");
    table.update(disk(5));  // its own event: somebody has deleted the partition
    EXPECT_EQ(table.told(), "found 8:0#5 empty");
}

}  // namespace
}  // namespace wcmp::drives
