// Drives that a desktop mounts: the test is the desktop, and tells of the devices.
#include "drives/desktop_source.h"

#include "core/limits.h"
#include "drives/desktop_mount.h"
#include "mounted.h"
#include "temporary_directory.h"

#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace wcmp::drives {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr DeviceNumber stick{8, 17};

std::vector<std::string> points(std::string_view table, DeviceNumber device = stick) {
    return mount_points(MountTable(table), device);
}

TEST(DesktopMount, IsFoundByTheNumberOfTheDevice) {
    const auto* table =
        "36 25 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "99 36 8:17 / /media/ada/4C\\0401A rw,nosuid shared:7 master:2 - vfat /dev/sdb1 rw,flush\n"
        "98 36 8:18 / /media/ada/other rw - vfat /dev/sdb2 rw\n";
    EXPECT_THAT(points(table), ElementsAre("/media/ada/4C 1A"));
    EXPECT_THAT(points(table, {8, 19}), IsEmpty());
    EXPECT_THAT(points(table, {17, 8}), IsEmpty());
}

TEST(DesktopMount, OnlyWholeFileSystemsCountAndThoseThatCanBeWrittenComeFirst) {
    const auto* table =
        "1 0 8:17 /folder /bound rw - vfat /dev/sdb1 rw\n"
        "2 0 8:17 / /only/read ro - vfat /dev/sdb1 rw\n"
        "3 0 8:17 / /also\\011read rw - vfat /dev/sdb1 ro\n"
        "4 0 8:17 / /written rw - vfat /dev/sdb1 rw,errors=remount-ro\n";
    EXPECT_THAT(points(table), ElementsAre("/written", "/only/read", "/also\tread"));
}

TEST(DesktopMount, LinesThatAreNoneAreLeftOut) {
    for (const auto* line :
         {"", "\n\n", "1", "1 0 8:17", "1 0 8:17 / /m", "1 0 8:17 / /m rw", "1 0 8:17 / /m rw -",
          "1 0 8:17 / /m rw - vfat", "1 0 8:17 / /m rw vfat /dev/sdb1 rw", "1 0 8 / /m rw - vfat s rw",
          "1 0 8:17:3 / /m rw - vfat s rw", "1 0 :17 / /m rw - vfat s rw", "1 0 -8:17 / /m rw - vfat s rw",
          "1 0 4294967304:17 / /m rw - vfat s rw", "1 0 8:17x / /m rw - vfat s rw", "- - - - - - - - - - -"})
        EXPECT_THAT(points(line), IsEmpty()) << line;
    EXPECT_THAT(points("nonsense\n1 0 8:17 / /m rw - vfat s rw\n\xff\xfe"), ElementsAre("/m"));
}

TEST(DesktopMount, EscapesThatAreNoneStay) {
    EXPECT_THAT(points("1 0 8:17 / /a\\134040\\9\\04 rw - vfat s rw\n"), ElementsAre("/a\\040\\9\\04"));
    EXPECT_THAT(points("1 0 8:17 / /a\\ rw - vfat s rw\n"), ElementsAre("/a\\"));
}

// The watch of devices, in the hands of the test.
class ToldDevices final : public Devices {
public:
    Result<void> start(DeviceListener given) override {
        if (refusal) return std::unexpected(*refusal);
        listener = std::move(given);
        return {};
    }
    void stop() override { listener = {}; }

    DeviceListener listener;
    std::optional<Error> refusal;
};

class DesktopSourceTest : public testing::Test {
protected:
    DesktopSourceTest() {
        auto told = std::make_unique<ToldDevices>();
        devices = told.get();
        options.trouble = [this](const Error& why) {
            seen.push_back("trouble " + std::string(to_string(why.code)));
        };
        options.trouble_over = [this] { seen.push_back("trouble over"); };
        source.emplace(io, numbers, std::move(told), options);
        fs::create_directories(desktop);
    }

    void start() {
        source->start({.added =
                           [this](const DriveAdded& drive) {
                               EXPECT_EQ(drive.kind, Kind::desktop);
                               carrier = drive.carrier;
                               report("added ", drive.id, drive.file_system, drive.readiness);
                           },
                       .changed =
                           [this](const DriveChanged& drive) {
                               seen.push_back("changed " + std::to_string(drive.id.number));
                           },
                       .removed =
                           [this](const DriveRemoved& drive) {
                               seen.push_back("removed " + std::to_string(drive.id.number));
                           },
                       .readiness =
                           [this](const DriveReadiness& drive) {
                               report("readiness ", drive.id, drive.file_system, drive.readiness);
                           },
                       .wanted =
                           [this](const DriveWanted& drive) {
                               seen.push_back("wanted " + std::to_string(drive.id.number));
                           }});
    }

    void report(std::string what, DriveId id, FileSystemKind file_system, Readiness readiness) {
        what += std::to_string(id.number) + ' ' + std::string(to_string(file_system));
        seen.push_back(what + (readiness == Readiness::ready ? " ready" : " not ready"));
    }

    std::vector<std::string> taken() { return std::exchange(seen, {}); }

    // The device of the file system at the path, as the desktop's mount of a stick.
    Device device_at(const fs::path& path, std::uint64_t generation = 1) const {
        struct stat status{};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return {.key = {::major(status.st_dev), ::minor(status.st_dev), generation},
                .node = "/dev/null",
                .file_system = FileSystemKind::vfat,
                .readiness = Readiness::ready};
    }

    // Until something is reported, or for so long.
    void run(std::chrono::milliseconds longest = std::chrono::seconds(20)) {
        const auto end = std::chrono::steady_clock::now() + longest;
        io.restart();
        while (seen.empty() && io.run_one_until(end) > 0) {
        }
    }

    boost::asio::io_context io;
    tests::TemporaryDirectory temporary;
    fs::path desktop = temporary.path() / "media with spaces" / "ST\\ICK";
    std::vector<std::string> seen;
    std::uint32_t carrier = 0;  // of what was added last
    DriveNumbers numbers;
    DesktopSourceOptions options;
    ToldDevices* devices = nullptr;
    std::optional<DesktopSource> source;
};

TEST_F(DesktopSourceTest, DevicesAreDrives) {
    numbers.next();  // another source's
    start();
    Device device{.key = {8, 17, 5},
                  .node = "/dev/sdb1",
                  .file_system = FileSystemKind::vfat,
                  .readiness = Readiness::waiting,
                  .carrier = 3};
    devices->listener.found(device);
    EXPECT_EQ(carrier, 3u);
    device.readiness = Readiness::ready;
    devices->listener.changed(device);
    devices->listener.wanted(device.key);
    devices->listener.gone(device.key);
    EXPECT_THAT(taken(),
                ElementsAre("added 2 vfat not ready", "readiness 2 vfat ready", "wanted 2", "removed 2"));
    devices->listener.changed(device);  // of one that has gone
    devices->listener.wanted(device.key);
    devices->listener.gone(device.key);
    EXPECT_THAT(taken(), IsEmpty());
    device.key.generation = 6;  // the number is given again, the drive is another
    devices->listener.found(device);
    EXPECT_THAT(taken(), ElementsAre("added 3 vfat ready"));
}

TEST_F(DesktopSourceTest, ThereIsALimitOfDevices) {
    start();
    for (std::uint32_t minor = 0; minor <= limits::devices_max; ++minor)
        devices->listener.found({.key = {8, minor, 1}, .node = {}});
    EXPECT_EQ(taken().size(), limits::devices_max);
}

TEST_F(DesktopSourceTest, WhyNothingCanBeUsedIsTold) {
    devices->refusal = Error{Errc::unsupported, "it cannot be told which disks the system lies on"};
    start();
    EXPECT_THAT(taken(), ElementsAre("trouble unsupported"));
}

TEST_F(DesktopSourceTest, WhileTheSystemIsNotKnownThereAreNoDrivesAndThatIsTold) {
    start();
    const Device device{.key = {8, 17, 5}, .node = {}, .file_system = FileSystemKind::vfat};
    devices->listener.found(device);
    devices->listener.unknown_system("cannot tell");
    devices->listener.disqualified(device.key);
    EXPECT_THAT(taken(), ElementsAre("added 1 vfat ready", "trouble unsupported", "removed 1"));
    devices->listener.unknown_system("");
    devices->listener.found(device);
    EXPECT_THAT(taken(), ElementsAre("trouble over", "added 2 vfat ready"));
}

TEST_F(DesktopSourceTest, WhatIsNotMountedIsBusyAndWhatIsUnknownHasGone) {
    start();
    devices->listener.found({.key = {8, 4095, 1}, .node = {}});
    EXPECT_EQ(source->open({1}).error().code, Errc::busy);
    EXPECT_TRUE(source->release({1}));
    EXPECT_EQ(source->open({2}).error().code, Errc::not_found);
    EXPECT_TRUE(source->release({2}));
}

TEST_F(DesktopSourceTest, WhereItCannotBeToldItIsNotFree) {
    start();
    devices->listener.found({.key = {8, 4095, 1}, .node = {}});
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto released = source->release({1});
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(released);
    EXPECT_EQ(released.error().code, Errc::busy);
    EXPECT_EQ(released.error().os_error, EMFILE);
    EXPECT_TRUE(source->release({1}));
}

TEST_F(DesktopSourceTest, AVisitInTheDesktopsMount) {
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    const tests::Mounted mounted("tmpfs", desktop);
    ASSERT_TRUE(mounted);
    std::ofstream(desktop / "here") << "x";
    start();
    devices->listener.found(device_at(desktop));
    auto root = source->open({1});
    ASSERT_TRUE(root) << describe(root.error());
    EXPECT_TRUE((*root)->open("here"));
    ASSERT_TRUE((*root)->create("new"));
    EXPECT_TRUE(fs::exists(desktop / "new"));

    // While it is open the desktop cannot unmount it, and it is not said to be free.
    EXPECT_EQ(::umount2(desktop.c_str(), 0), -1);
    EXPECT_EQ(errno, EBUSY);
    EXPECT_EQ(source->release({1}).error().code, Errc::busy);
    root->reset();
    EXPECT_TRUE(source->release({1}));
    EXPECT_EQ(::umount2(desktop.c_str(), 0), 0);
    EXPECT_EQ(source->open({1}).error().code, Errc::busy);
}

TEST_F(DesktopSourceTest, ThatItWasPreparedIsToldAndKeepsNobodyFromUnmounting) {
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    const tests::Mounted mounted("tmpfs", desktop);
    start();
    devices->listener.found(device_at(desktop));
    devices->listener.found({.key = {8, 4095, 1}, .node = {}});
    fs::create_directory(desktop / "before");
    source->open({1})->reset();
    taken();

    std::ofstream(desktop / "letter") << "x";
    fs::create_directory(desktop / "WCMPs");
    fs::create_directory(desktop / "before" / "WCMP");
    run(std::chrono::milliseconds(50));
    EXPECT_THAT(taken(), IsEmpty());
    fs::create_directory(desktop / "WCMP");
    run();
    EXPECT_THAT(taken(), ElementsAre("changed 1"));
    source->open({1})->reset();  // and again, told once
    fs::rename(desktop / "WCMPs", desktop / "wcmp");
    run();
    EXPECT_THAT(taken(), ElementsAre("changed 1"));

    EXPECT_TRUE(source->release({1}));
    EXPECT_EQ(::umount2(desktop.c_str(), 0), 0) << "though it is watched";
    fs::create_directory(desktop / "WCMP");  // below where it was
    run(std::chrono::milliseconds(50));
    EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(DesktopSourceTest, WhatIsPreparedAfterTheEndIsNotTold) {
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    const tests::Mounted mounted("tmpfs", desktop);
    start();
    const auto device = device_at(desktop);
    devices->listener.found(device);
    source->open({1})->reset();
    devices->listener.gone(device.key);
    taken();
    fs::create_directory(desktop / "WCMP");
    run(std::chrono::milliseconds(50));
    EXPECT_THAT(taken(), IsEmpty()) << "it has gone";
    fs::rename(desktop / "WCMP", desktop / "WCMP2");
    fs::rename(desktop / "WCMP2", desktop / "WCMP");
    source->stop();
    source.reset();
    run(std::chrono::milliseconds(50));
    EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(DesktopSourceTest, AMountForReadingOnlyIsOneToo) {
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    tests::Mounted mounted("tmpfs", desktop);
    ASSERT_TRUE(mounted.remount_read_only());
    start();
    devices->listener.found(device_at(desktop));
    auto root = source->open({1});
    ASSERT_TRUE(root);
    EXPECT_TRUE((*root)->space()->read_only);
}

TEST_F(DesktopSourceTest, WhatLiesOverTheDrivesMountIsNotTheDrive) {
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    const tests::Mounted mounted("tmpfs", desktop);
    start();
    devices->listener.found(device_at(desktop));
    {
        const tests::Mounted over("tmpfs", desktop);
        ASSERT_TRUE(over);
        EXPECT_EQ(source->open({1}).error().code, Errc::busy);
    }
    EXPECT_TRUE(source->open({1}));
}

TEST_F(DesktopSourceTest, OneThatTookTheNumberIsNotOpenedInItsPlace) {
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    const tests::Mounted mounted("tmpfs", desktop);
    start();
    const auto device = device_at(desktop);
    devices->listener.found(device);
    devices->listener.gone(device.key);
    devices->listener.found(device_at(desktop, 2));
    EXPECT_EQ(source->open({1}).error().code, Errc::not_found);
    EXPECT_TRUE(source->open({2}));
}

TEST_F(DesktopSourceTest, NothingIsReportedAfterTheEnd) {
    start();
    devices->listener.found({.key = {8, 17, 1}, .node = {}});
    source->stop();
    EXPECT_FALSE(devices->listener.found);
    source.reset();
    EXPECT_THAT(taken(), ElementsAre("added 1 other ready"));
}

}  // namespace
}  // namespace wcmp::drives
