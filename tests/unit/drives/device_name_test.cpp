// Names of devices in /etc/fstab, and the table of mounts.
#include "drives/device_name.h"

#include "drives/mount_table.h"

#include <gtest/gtest.h>

namespace wcmp::drives {
namespace {

BlockDevice device_with(Properties properties) {
    BlockDevice device;
    device.node = "/dev/sda1";
    device.properties = std::move(properties);
    return device;
}

bool named(const char* name, Properties properties) {
    return names(parse_device_name(name), device_with(std::move(properties)));
}

TEST(DeviceName, FstabInItsForms) {
    const auto found = parse_fstab(
        "# /etc/fstab: static file system information.\n"
        "UUID=1234-ABCD\t/data  vfat defaults 0 2\n"
        "  LABEL=\"a\\040b\" /x auto noauto 0 0\n"
        "PARTUUID=8b7d2c11-01  /boot/firmware  vfat    defaults          0       2\n"
        "PARTLABEL=data /d auto\n"
        "/dev/mapper/vg-home /home ext4 defaults\n"
        "proc /proc proc defaults 0 0\n"
        "nas:/export /nas nfs defaults\n"
        "tmpfs /tmp tmpfs size=1g\n"
        "\n"
        "#UUID=0000-0000 /old vfat\n"
        "/dev/sdz1");
    const std::vector<DeviceName> expected{{"UUID", "1234-ABCD"},       {"LABEL", "a b"},
                                           {"PARTUUID", "8b7d2c11-01"}, {"PARTLABEL", "data"},
                                           {"", "/dev/mapper/vg-home"}, {"", "/dev/sdz1"}};
    EXPECT_EQ(found, expected);
}

TEST(DeviceName, EachTagIsAnotherProperty) {
    EXPECT_TRUE(named("UUID=1234-abcd", {{"ID_FS_UUID", "1234-ABCD"}}));
    EXPECT_FALSE(named("UUID=1234-abcd", {{"ID_PART_ENTRY_UUID", "1234-abcd"}}));
    EXPECT_TRUE(named("PARTUUID=8b7d2c11-01", {{"ID_PART_ENTRY_UUID", "8b7d2c11-01"}}));
    EXPECT_TRUE(named("PARTLABEL=my data", {{"ID_PART_ENTRY_NAME", "my\\x20data"}}));
    EXPECT_TRUE(named("LABEL=caf\xc3\xa9", {{"ID_FS_LABEL_ENC", "caf\xc3\xa9"}}));
    EXPECT_TRUE(named("LABEL=a/b", {{"ID_FS_LABEL_ENC", "a\\x2fb"}}));
    EXPECT_FALSE(named("LABEL=a", {{"ID_FS_LABEL_ENC", "a\\x2fb"}}));
}

TEST(DeviceName, NothingNamesADeviceWithoutThatProperty) {
    for (const auto* name : {"UUID=", "LABEL=", "LABEL=\"\"", "PARTUUID=", "", "UUID=x"})
        EXPECT_FALSE(named(name, {})) << name;
}

TEST(DeviceName, PathsAreTheNodeOrOneOfItsLinks) {
    const Properties links{{"DEVLINKS", "/dev/disk/by-uuid/1234-ABCD /dev/disk/by-label/A"}};
    EXPECT_TRUE(named("/dev/sda1", links));
    EXPECT_TRUE(named("/dev/disk/by-label/A", links));
    EXPECT_FALSE(named("/dev/sda", links));
    EXPECT_FALSE(named("/dev/disk/by-label", links));
}

TEST(DeviceName, EscapesThatAreNoneStay) {
    EXPECT_EQ(unescape_octal("a\\040b\\011"), "a b\t");
    EXPECT_EQ(unescape_octal("\\04"), "\\04");
    EXPECT_EQ(unescape_octal("\\080\\777\\"), "\\080\\777\\");
}

constexpr auto table =
    "27 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw\n"
    "30 27 0:21 / /boot rw shared:2 - autofs systemd-1 rw,fd=30\n"
    "31 30 179:1 / /boot rw shared:3 - vfat /dev/mmcblk0p1 rw,fmask=0022\n"
    "40 27 8:1 / /media/pi/MY\\040STICK rw,nosuid,nodev shared:9 master:4 - vfat /dev/sda1 rw,uid=1000\n"
    "41 27 8:17 /sub /mnt ro,relatime - ext4 /dev/sdb1 rw\n"
    "42 27 8:33 / /srv rw - exfat /dev/sdc1 ro,errors=remount-ro\n"
    "torn\n"
    "43 27 8:x / /bad rw - ext4 /dev/sdd1 rw\n"
    "44 27 0:40 / /home rw - btrfs /dev/nvme0n1p3 rw,subvol=/home\n";

TEST(MountTable, WhatALineSays) {
    const MountTable mounts(table);
    ASSERT_EQ(mounts.mounts().size(), 7u);
    const auto& carried = mounts.mounts()[3];
    EXPECT_EQ(carried.device, (DeviceNumber{8, 1}));
    EXPECT_EQ(carried.point, "/media/pi/MY STICK");
    EXPECT_EQ(carried.type, "vfat");
    EXPECT_EQ(carried.source, "/dev/sda1");
    EXPECT_FALSE(carried.read_only);
    EXPECT_EQ(mounts.mounts()[4].root, "/sub");
    EXPECT_TRUE(mounts.mounts()[4].read_only);
    EXPECT_TRUE(mounts.mounts()[5].read_only);
    const std::set<DeviceNumber> devices{{179, 1}, {179, 2}, {8, 1}, {8, 17}, {8, 33}};
    EXPECT_EQ(mounts.devices(), devices);
}

TEST(MountTable, TheNearestMountAboveAPath) {
    const MountTable mounts(table);
    const auto points = [&](std::string_view path) {
        std::vector<std::string> types;
        for (const auto* mount : mounts.covering(path)) types.push_back(mount->point + " " + mount->type);
        return types;
    };
    using Points = std::vector<std::string>;
    EXPECT_EQ(points("/"), Points{"/ ext4"});
    EXPECT_EQ(points("/bootstrap"), Points{"/ ext4"});
    EXPECT_EQ(points("/home/me/.local"), Points{"/home btrfs"});
    EXPECT_EQ(points("/boot/firmware"), (Points{"/boot autofs", "/boot vfat"}));  // both lie there
    EXPECT_EQ(points("relative"), Points{});
}

}  // namespace
}  // namespace wcmp::drives
