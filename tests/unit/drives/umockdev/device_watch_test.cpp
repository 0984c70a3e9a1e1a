// The watch with libudev as it is, and devices that umockdev makes up.
#include "mounted.h"
#include "usb_port.h"

#include <atomic>
#include <cerrno>

#include <dlfcn.h>

namespace {
std::atomic<bool> lose_the_next_event = false;
std::atomic<int> refuse_to_list = 0;
}  // namespace

// Stands before libudev's: what waits is lost, and said to be, as a socket does when it runs over. A removal
// is one event, or two: newer versions of what makes up the devices send one of their own.
extern "C" struct udev_device* udev_monitor_receive_device(struct udev_monitor* monitor) {
    using Receive = struct udev_device* (*)(struct udev_monitor*);
    static const auto receive = reinterpret_cast<Receive>(::dlsym(RTLD_NEXT, "udev_monitor_receive_device"));
    using Unref = struct udev_device* (*)(struct udev_device*);
    static const auto unref = reinterpret_cast<Unref>(::dlsym(RTLD_DEFAULT, "udev_device_unref"));
    auto* device = receive(monitor);
    if (device == nullptr || !lose_the_next_event.exchange(false)) return device;
    for (; device != nullptr; device = receive(monitor)) unref(device);
    errno = ENOBUFS;
    return nullptr;
}

// As when there is no memory for a list.
extern "C" struct udev_enumerate* udev_enumerate_new(struct udev* udev) {
    using New = struct udev_enumerate* (*)(struct udev*);
    static const auto make = reinterpret_cast<New>(::dlsym(RTLD_NEXT, "udev_enumerate_new"));
    if (refuse_to_list > 0) {
        --refuse_to_list;
        errno = ENOMEM;
        return nullptr;
    }
    return make(udev);
}

namespace wcmp::drives {
namespace {

using Words = std::vector<std::string>;

class DeviceWatchTest : public UsbPort {
protected:
    void start_empty() {
        ASSERT_TRUE(start());
        ASSERT_EQ(next(1), Words{"settled"});
    }
    void start_with(const Stick& stick, const std::string& word) {
        insert(stick);
        ASSERT_TRUE(start());
        ASSERT_EQ(next(2), (Words{word, "settled"}));
    }
};

TEST_F(DeviceWatchTest, AStickThatIsThereAtTheStart) {
    insert({.partitions = {vfat()}});
    ASSERT_TRUE(start());
    EXPECT_EQ(next(2), (Words{"found 8:1#1 ready", "settled"}));
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, AStickThatUdevHasNotFinishedWithComesWithItsEvent) {
    insert({.disk = vfat()});
    set_properties("sda", {{"USEC_INITIALIZED", "0"}});
    start_empty();
    set_properties("sda", {{"USEC_INITIALIZED", "2000"}});
    event("sda", "add");
    EXPECT_EQ(next(1), Words{"found 8:0#1 ready"});
}

TEST_F(DeviceWatchTest, NothingIsToldFromInsideStart) {
    insert({.partitions = {vfat()}});
    bool early = false;
    on_word = [&](const std::string&) { early = true; };
    ASSERT_TRUE(start());
    EXPECT_FALSE(early);
}

TEST_F(DeviceWatchTest, PluggedInAndPulledOut) {
    start_empty();
    const Stick stick{.sequence = 7, .partitions = {vfat(), {{"ID_FS_USAGE", "crypto"}}}};
    plug(stick);
    EXPECT_EQ(next(2), (Words{"found 8:1#7 ready", "found 8:2#7 encrypted"}));
    pull(stick);
    EXPECT_EQ(next(2), (Words{"gone 8:2#7", "gone 8:1#7"}));
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, BetweenTheRemovalOfItsPartitionsAndItsOwnADiskIsNotEmpty) {
    start_with({.partitions = {vfat()}}, "found 8:1#1 ready");
    remove("sda1");
    EXPECT_EQ(everything(), Words{"gone 8:1#1"});
    remove("sda");
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, AnEventOfADeviceThatHasGoneMeanwhile) {
    start_with({.disk = vfat()}, "found 8:0#1 ready");
    event("sda", "change");
    vanish("sda");
    EXPECT_EQ(everything(), Words{"gone 8:0#1"});
}

TEST_F(DeviceWatchTest, TheEventsOfAStickThatWasListedSayNothing) {
    const Stick stick{.partitions = {vfat()}};
    insert(stick);
    ASSERT_TRUE(start());
    announce(stick);  // they waited in the socket while it was listed
    EXPECT_EQ(next(2), (Words{"found 8:1#1 ready", "settled"}));
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, AStormAboutAnUnchangedStickSaysNothing) {
    const Stick stick{.partitions = {vfat()}};
    start_with(stick, "found 8:1#1 ready");
    for (int i = 0; i < 200; ++i) {
        announce(stick, "change");
        if (i % 4 == 3) io.poll();  // umockdev has a short queue, and gives up when it is full
    }
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, FormattedWhileItIsThere) {
    start_with({.disk = {}}, "found 8:0#1 empty");
    set_properties("sda", vfat());
    event("sda", "change");
    EXPECT_EQ(next(1), Words{"changed 8:0#1 ready"});
}

TEST_F(DeviceWatchTest, ACardIsPutIntoAReaderAndTakenOut) {
    const Stick reader{.disk = {}, .size = "0"};
    start_with(reader, "found 8:0#1 empty");
    set_attribute("sda", "size", "31266816\n");
    set_properties("sda", vfat());
    set_properties("sda", {{"DISK_MEDIA_CHANGE", "1"}, {"DISKSEQ", "2"}});
    event("sda", "change");
    EXPECT_EQ(next(2), (Words{"gone 8:0#1", "found 8:0#2 ready"}));
    set_attribute("sda", "size", "0\n");
    set_properties("sda", {{"DISKSEQ", "3"}});
    event("sda", "change");
    EXPECT_EQ(next(2), (Words{"gone 8:0#2", "found 8:0#3 empty"}));
}

TEST_F(DeviceWatchTest, TwoClonesAreTwoDrives) {
    start_empty();
    plug({.name = "sda", .port = 1, .sequence = 4, .partitions = {vfat("AAAA-AAAA")}});
    plug({.name = "sdb", .port = 2, .sequence = 5, .partitions = {vfat("AAAA-AAAA")}});
    EXPECT_EQ(next(2), (Words{"found 8:1#4 ready", "found 8:17#5 ready"}));
}

TEST_F(DeviceWatchTest, SomebodyAsksForItBack) {
    start_with({.partitions = {vfat()}}, "found 8:1#1 ready");
    set_properties("sda", {{"DISK_EJECT_REQUEST", "1"}});
    event("sda", "change");
    EXPECT_EQ(next(1), Words{"wanted 8:1#1"});
    set_properties("sda", {{"DISK_EJECT_REQUEST", "0"}});
    event("sda", "change");
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, AnotherStickUnderTheSameNumber) {
    const Stick first{.sequence = 4, .disk = vfat()};
    start_with(first, "found 8:0#4 ready");
    pull(first);
    plug({.sequence = 5, .disk = vfat()});  // both wait when the watch looks
    EXPECT_EQ(next(2), (Words{"gone 8:0#4", "found 8:0#5 ready"}));
}

TEST_F(DeviceWatchTest, EventsThatWereLostAreFoundByListing) {
    const Stick old{.name = "sda", .port = 1, .sequence = 1, .disk = vfat()};
    start_with(old, "found 8:0#1 ready");
    lose_the_next_event = true;
    pull(old);
    insert({.name = "sdb", .port = 2, .sequence = 2, .disk = vfat()});  // and no event at all
    EXPECT_EQ(next(2), (Words{"gone 8:0#1", "found 8:16#2 ready"}));
    EXPECT_FALSE(lose_the_next_event);
    plug({.name = "sdc", .port = 3, .sequence = 3, .disk = vfat()});
    EXPECT_EQ(next(1), Words{"found 8:32#3 ready"});
}

TEST_F(DeviceWatchTest, EventsThatWereLostAreFoundLaterWhenUdevDidNotList) {
    look_again_after = std::chrono::milliseconds(5);
    const Stick old{.name = "sda", .port = 1, .sequence = 1, .disk = vfat()};
    start_with(old, "found 8:0#1 ready");
    lose_the_next_event = true;
    refuse_to_list = 3;
    remove("sda");
    EXPECT_EQ(next(1), Words{"gone 8:0#1"});
    EXPECT_EQ(refuse_to_list, 0);
}

TEST_F(DeviceWatchTest, DisksInsideAreNoneOfOurs) {
    start_empty();
    event("nvme0n1", "change");
    event("nvme0n1p1", "change");
    EXPECT_EQ(everything(), Words{});
}

TEST_F(DeviceWatchTest, FstabIsReadAgain) {
    start_with({.disk = vfat()}, "found 8:0#1 ready");
    write_fstab("UUID=5C3E-1F70 /mnt vfat noauto\n");
    event("sda", "change");
    EXPECT_EQ(next(1), Words{"disqualified 8:0#1"});
}

TEST_F(DeviceWatchTest, MountedBySomebodyAndUnmounted) {
    tests::TemporaryDirectory place;
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "mounting is not allowed here";
    start_with({.partitions = {vfat()}}, "found 8:1#1 ready");
    write_mounts("2 1 8:1 / /media/stick rw - vfat /dev/sda1 rw\n");
    const tests::Mounted mounted("tmpfs", place.path());  // so that the real table changes
    ASSERT_TRUE(mounted);
    EXPECT_EQ(next(1), Words{"changed 8:1#1 waiting"});
    write_mounts("");
    const tests::Mounted again("tmpfs", place.path());
    EXPECT_EQ(next(1), Words{"changed 8:1#1 ready"});
}

TEST_F(DeviceWatchTest, BesideADesktopItIsTheOtherWayRound) {
    tests::TemporaryDirectory place;
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "mounting is not allowed here";
    insert({.partitions = {vfat()}});
    ASSERT_TRUE(start({.desktop_mounts = true}));
    ASSERT_EQ(next(2), (Words{"found 8:1#1 waiting", "settled"}));
    write_mounts("2 1 8:1 / /media/me/STICK rw - vfat /dev/sda1 rw\n");
    const tests::Mounted mounted("tmpfs", place.path());
    EXPECT_EQ(next(1), Words{"changed 8:1#1 ready"});
}

TEST_F(DeviceWatchTest, WhereTheSystemIsNotKnownItStartsWithoutDrives) {
    insert({.disk = vfat()});
    std::filesystem::remove(tree.path() / "proc/self/mountinfo");
    ASSERT_TRUE(start());
    EXPECT_EQ(next(2), (Words{"unknown", "settled"}));
    event("sda", "change");
    write_mounts("");
    event("sda", "change");
    EXPECT_EQ(next(2), (Words{"known", "found 8:0#1 ready"}));
}

TEST_F(DeviceWatchTest, TheSystemBecomesUnknownAndKnownAgain) {
    start_with({.disk = vfat()}, "found 8:0#1 ready");
    write_mounts("2 1 0:77 / /boot rw - fuse.odd odd rw\n");
    event("sda", "change");
    EXPECT_EQ(next(2), (Words{"unknown", "disqualified 8:0#1"}));
    write_mounts("");
    event("sda", "change");
    EXPECT_EQ(next(2), (Words{"known", "found 8:0#1 ready"}));
}

TEST_F(DeviceWatchTest, WhileTheSystemIsNotKnownItLooksAgainUnasked) {
    look_again_after = std::chrono::milliseconds(5);
    write_mounts("2 1 0:77 / /boot rw - fuse.odd odd rw\n");
    ASSERT_TRUE(start());
    EXPECT_EQ(next(2), (Words{"unknown", "settled"}));
    write_mounts("");
    EXPECT_EQ(next(1), Words{"known"});
}

TEST_F(DeviceWatchTest, StoppedFromWhatItTellsItIsSilent) {
    start_empty();
    on_word = [this](const std::string&) { watch->stop(); };
    const Stick stick{.partitions = {vfat(), vfat("2222-2222")}};
    plug(stick);
    EXPECT_EQ(next(1).size(), 1u);
    pull(stick);
    io.restart();
    io.run();  // nothing is waited for any more, so it ends
    EXPECT_EQ(next(0), Words{});
}

TEST_F(DeviceWatchTest, StartedAgainItTellsAllAgain) {
    start_with({.disk = vfat()}, "found 8:0#1 ready");
    watch->stop();
    ASSERT_TRUE(start());
    EXPECT_EQ(next(2), (Words{"found 8:0#1 ready", "settled"}));
}

}  // namespace
}  // namespace wcmp::drives
