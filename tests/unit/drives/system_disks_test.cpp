// Which disks the system lies on, in trees of sysfs that are made up for the test.
#include "drives/system_disks.h"

#include "temporary_directory.h"

#include <fstream>

#include <gtest/gtest.h>

namespace wcmp::drives {
namespace {

namespace fs = std::filesystem;
using Disks = std::set<DeviceNumber>;

class SystemDisksTest : public testing::Test {
protected:
    void write(const fs::path& path, const std::string& text) const {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text << '\n';
    }

    // A directory below devices, as the kernel makes it, and the two links to it.
    void device(const std::string& below_devices, const std::string& number) const {
        const auto path = sys() / "devices" / below_devices;
        write(path / "dev", number);
        fs::create_directories(path / "slaves");
        fs::create_directories(sys() / "dev/block");
        fs::create_directories(sys() / "class/block");
        fs::create_directory_symlink(path, sys() / "dev/block" / number);
        fs::create_directory_symlink(path, sys() / "class/block" / path.filename());
    }
    void partition(const std::string& below_devices, const std::string& number) const {
        device(below_devices, number);
        write(sys() / "devices" / below_devices / "partition", "1");
    }
    void slave(const std::string& of, const std::string& name) const {
        fs::create_directory_symlink(sys() / "class/block" / name, sys() / "devices" / of / "slaves" / name);
    }
    // What udev knows of a device.
    void known(const std::string& node, const std::string& number, Properties properties) {
        BlockDevice device;
        device.number = parse_device_number(number).value();
        device.node = "/dev/" + node;
        device.properties = std::move(properties);
        devices.push_back(std::move(device));
    }

    void usual_disks() const {
        device("pci/ata1/block/sda", "8:0");
        for (const auto* n : {"1", "2", "3"})
            partition(std::string("pci/ata1/block/sda/sda") + n, std::string("8:") + n);
        device("pci/usb1/block/sdb", "8:16");
        partition("pci/usb1/block/sdb/sdb1", "8:17");
        device("mmc/block/mmcblk0", "179:0");
        partition("mmc/block/mmcblk0/mmcblk0p1", "179:1");
        partition("mmc/block/mmcblk0/mmcblk0p2", "179:2");
    }

    SystemDisks find(const std::string& mountinfo, const std::string& store = "/var/lib/wcmp/store") const {
        return find_system_disks(MountTable(mountinfo), texts, store, sys(), devices);
    }
    fs::path sys() const { return tree.path() / "sys"; }

    tests::TemporaryDirectory tree;
    SystemTexts texts;
    std::vector<BlockDevice> devices;
};

TEST_F(SystemDisksTest, APartitionIsItsDisk) {
    usual_disks();
    const auto found = find(
        "1 0 179:2 / / rw - ext4 /dev/root rw\n"
        "2 1 8:17 / /media/stick rw - vfat /dev/sdb1 rw\n");
    EXPECT_EQ(found.unknown, "");
    EXPECT_EQ(found.disks, (Disks{{179, 0}}));
}

TEST_F(SystemDisksTest, BootTheStoreAndSwapLieElsewhere) {
    usual_disks();
    device("pci/nvme/nvme0n1", "259:0");
    partition("pci/nvme/nvme0n1/nvme0n1p1", "259:1");
    texts.swaps =
        "Filename\tType\tSize\tUsed\tPriority\n"
        "/dev/nvme0n1p1                          partition\t1000\t0\t-2\n"
        "/srv/my\\040swap                        file\t1000\t0\t-3\n";
    const auto found = find(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:9 / /boot/firmware rw - autofs systemd-1 rw\n"
        "3 2 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n"
        "4 1 8:17 / /srv rw - ext4 /dev/sdb1 rw\n");
    EXPECT_EQ(found.unknown, "");
    EXPECT_EQ(found.disks, (Disks{{8, 0}, {179, 0}, {8, 16}, {259, 0}}));
}

TEST_F(SystemDisksTest, TheStoreAlone) {
    usual_disks();
    const std::string mounts = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n4 1 8:17 / /srv rw - ext4 /dev/sdb1 rw\n";
    EXPECT_EQ(find(mounts, "/srv/wcmp/store").disks, (Disks{{8, 0}, {8, 16}}));
    EXPECT_EQ(find(mounts, "/srvwcmp").disks, (Disks{{8, 0}}));
    EXPECT_EQ(find(mounts, "").disks, (Disks{{8, 0}}));
}

TEST_F(SystemDisksTest, MappedDevicesAndRaidsAreAllTheirDisks) {
    usual_disks();
    device("virtual/block/md0", "9:0");
    slave("virtual/block/md0", "sda3");
    slave("virtual/block/md0", "sdb1");
    partition("virtual/block/md0/md0p1", "259:5");
    device("virtual/block/dm-0", "254:0");  // LUKS on the RAID's partition
    slave("virtual/block/dm-0", "md0p1");
    const auto found = find("1 0 254:0 / / rw - ext4 /dev/mapper/root rw\n");
    EXPECT_EQ(found.unknown, "");
    EXPECT_EQ(found.disks, (Disks{{8, 0}, {8, 16}}));
}

TEST_F(SystemDisksTest, BtrfsIsAllItsMembers) {
    usual_disks();
    const std::string mounts = "1 0 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@\n";
    EXPECT_NE(find(mounts).unknown, "");  // the other members cannot be known
    known("sda2", "8:2", {{"ID_FS_TYPE", "btrfs"}, {"ID_FS_UUID", "77"}});
    known("sdb1", "8:17", {{"ID_FS_TYPE", "btrfs"}, {"ID_FS_UUID", "77"}});
    known("mmcblk0p1", "179:1", {{"ID_FS_TYPE", "btrfs"}, {"ID_FS_UUID", "78"}});
    EXPECT_EQ(find(mounts).unknown, "");
    EXPECT_EQ(find(mounts).disks, (Disks{{8, 0}, {8, 16}}));
}

TEST_F(SystemDisksTest, APoolIsAllItsMembers) {
    usual_disks();
    const std::string mounts = "1 0 0:30 / / rw - zfs rpool/ROOT/debian rw\n";
    EXPECT_NE(find(mounts).unknown, "");
    known("sda2", "8:2", {{"ID_FS_TYPE", "zfs_member"}, {"ID_FS_LABEL", "rpool"}});
    known("sdb1", "8:17", {{"ID_FS_TYPE", "zfs_member"}, {"ID_FS_LABEL", "backup"}});
    EXPECT_EQ(find(mounts).unknown, "");
    EXPECT_EQ(find(mounts).disks, (Disks{{8, 0}}));
}

TEST_F(SystemDisksTest, AnOverlayIsItsLayers) {
    usual_disks();
    const auto found = find(
        "1 0 0:25 / / rw - overlay overlayroot rw,lowerdir=/media/root-ro,"
        "upperdir=/media/root-rw/overlay,workdir=/media/root-rw/overlay-workdir\n"
        "2 1 179:2 / /media/root-ro ro - ext4 /dev/mmcblk0p2 ro\n"
        "3 1 0:24 / /media/root-rw rw - tmpfs tmpfs-root rw\n");
    EXPECT_EQ(found.unknown, "");
    EXPECT_EQ(found.disks, (Disks{{179, 0}}));
}

TEST_F(SystemDisksTest, AnOverlayOfLayersThatNobodySeesIsTheKernelsRoot) {
    usual_disks();
    const std::string mounts = "1 0 0:25 / / rw - overlay overlay rw,lowerdir=/lower,upperdir=/upper/data\n";
    EXPECT_NE(find(mounts).unknown, "");
    texts.command_line = "console=tty1 root=PARTUUID=8b7d2c11-02 rootfstype=ext4 boot=overlay\n";
    EXPECT_NE(find(mounts).unknown, "");  // nobody has that name
    known("mmcblk0p2", "179:2", {{"ID_PART_ENTRY_UUID", "8b7d2c11-02"}});
    known("sdb1", "8:17", {{"ID_PART_ENTRY_UUID", "8b7d2c11-02"}});  // a copy: it may be either
    EXPECT_EQ(find(mounts).unknown, "");
    EXPECT_EQ(find(mounts).disks, (Disks{{179, 0}, {8, 16}}));
    texts.command_line = "quiet root=/dev/sda1\n";
    EXPECT_EQ(find(mounts).disks, (Disks{{8, 0}}));
}

TEST_F(SystemDisksTest, ALiveSystemIsTheStickThatItsImageIsOn) {
    usual_disks();
    device("virtual/block/loop0", "7:0");
    write(sys() / "devices/virtual/block/loop0/loop/backing_file",
          "/run/live/medium/live/filesystem.squashfs");
    const std::string root =
        "1 0 0:25 / / rw - overlay overlay rw,lowerdir=/run/live/rootfs/filesystem.squashfs/,"
        "upperdir=/run/live/overlay/rw\n"
        "2 1 7:0 / /run/live/rootfs/filesystem.squashfs ro - squashfs /dev/loop0 ro\n"
        "3 1 0:24 / /run/live/overlay rw - tmpfs tmpfs rw\n";
    const auto found = find(root + "4 1 8:17 / /run/live/medium ro - iso9660 /dev/sdb1 ro\n");
    EXPECT_EQ(found.unknown, "");
    EXPECT_EQ(found.disks, (Disks{{8, 16}}));
    EXPECT_NE(find(root).unknown, "");  // the medium is out of sight
}

TEST_F(SystemDisksTest, InMemoryOrOnTheNetworkThereIsNoDisk) {
    for (const auto* root : {"tmpfs tmpfs rw", "rootfs rootfs rw", "nfs 192.0.2.1:/pi rw", "9p host rw"}) {
        const auto found = find(std::string("1 0 0:2 / / rw - ") + root + "\n");
        EXPECT_EQ(found.unknown, "") << root;
        EXPECT_EQ(found.disks, Disks{}) << root;
    }
}

TEST_F(SystemDisksTest, WhatCannotBeToldIsSaidPlaceByPlace) {
    usual_disks();
    const std::string root = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
    ASSERT_EQ(find(root).unknown, "");
    EXPECT_NE(find("").unknown.find("hold /,"), std::string_view::npos);
    EXPECT_NE(find("1 0 0:7 / / rw - fuse.what something rw\n").unknown.find("hold /,"),
              std::string_view::npos);
    EXPECT_NE(find("1 0 8:99 / / rw - ext4 /dev/sdz rw\n").unknown.find("hold /,"), std::string_view::npos);
    const auto odd = [&](const std::string& point) {
        return root + "2 1 0:7 / " + point + " rw - fuse.x y rw\n";
    };
    EXPECT_NE(find(odd("/var")).unknown.find("/var"), std::string_view::npos);
    EXPECT_NE(find(odd("/boot/efi")).unknown.find("/boot"), std::string_view::npos);
    EXPECT_NE(find(odd("/srv"), "/srv/store").unknown.find("the store"), std::string_view::npos);
    EXPECT_EQ(find(odd("/home")).unknown, "");
    texts.swaps = "Filename Type\n/dev/mapper/swap partition 1 0 -2\n";
    EXPECT_NE(find(root).unknown.find("swap"), std::string_view::npos);
}

TEST_F(SystemDisksTest, ACircleOfDevicesEnds) {
    device("virtual/block/dm-0", "254:0");
    slave("virtual/block/dm-0", "dm-0");
    EXPECT_NE(find("1 0 254:0 / / rw - ext4 /dev/mapper/a rw\n").unknown, "");
    device("virtual/block/loop0", "7:0");
    write(sys() / "devices/virtual/block/loop0/loop/backing_file", "/image");
    EXPECT_NE(find("1 0 7:0 / / rw - ext4 /dev/loop0 rw\n").unknown, "");
}

TEST_F(SystemDisksTest, TheStoreIsWhereItsLinksLead) {
    fs::create_directories(sys() / "real");
    fs::create_directory_symlink(sys() / "real", sys() / "link");
    EXPECT_EQ(resolve_store(sys() / "link/store"), fs::canonical(sys() / "real") / "store");
    EXPECT_EQ(resolve_store({}), "");
}

TEST_F(SystemDisksTest, AStoreThatCannotBeReachedIsWhereItIsSaidToBe) {
    fs::create_directories(sys());
    fs::create_symlink("circle", sys() / "circle");  // nobody gets through, not even root
    EXPECT_EQ(resolve_store(sys() / "circle/./store"), sys() / "circle/store");
}

TEST_F(SystemDisksTest, TheRealSystemCanBeRead) {
    const auto real = read_system_texts({});
    EXPECT_FALSE(real.mountinfo.empty());
    EXPECT_FALSE(MountTable(real.mountinfo).covering("/").empty());
    EXPECT_FALSE(real.command_line.empty());
}

}  // namespace
}  // namespace wcmp::drives
