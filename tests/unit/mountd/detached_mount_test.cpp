// Mounts that stand nowhere, of real file systems on loop devices.
#include "detached_mount.h"

#include "block_node.h"
#include "io/posix.h"
#include "loop_device.h"
#include "mounted.h"
#include "temporary_directory.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wcmp::mountd {
namespace {

using drives::FileSystemKind;
constexpr Owner nobodys{nobody, nobody};

bool has(FileSystemKind kind, const std::string& name, const std::string& value) {
    const auto options = mount_options(kind, {1001, 1002});
    return std::ranges::find(options, std::pair(name, value)) != options.end();
}

TEST(MountOptions, FileSystemsWithoutOwnersBelongToTheRelayAlone) {
    for (const auto kind : {FileSystemKind::vfat, FileSystemKind::exfat}) {
        EXPECT_TRUE(has(kind, "uid", "1001"));
        EXPECT_TRUE(has(kind, "gid", "1002"));
        EXPECT_TRUE(has(kind, "fmask", "0177"));
        EXPECT_TRUE(has(kind, "dmask", "0077"));
    }
    EXPECT_EQ(mount_options(FileSystemKind::ext4, {1001, 1002}).size(), 1u);
}

TEST(MountOptions, TimesAreNotThoseOfAZone) {
    EXPECT_TRUE(has(FileSystemKind::vfat, "tz", "UTC"));
    EXPECT_TRUE(has(FileSystemKind::exfat, "time_offset", "0"));
}

// exfat refuses the mount over it (FLUSH is vfat's own).
TEST(MountOptions, FlushIsForVfatOnly) {
    EXPECT_TRUE(has(FileSystemKind::vfat, "flush", ""));
    EXPECT_FALSE(has(FileSystemKind::exfat, "flush", ""));
}

TEST(DetachedMount, WhatIsNoBlockDeviceIsNotMounted) {
    const drives::Device device{.key = {.major = 1, .minor = 3, .generation = 1},
                                .node = "/dev/null",
                                .file_system = FileSystemKind::vfat,
                                .readiness = drives::Readiness::ready};
    const auto attempt = mount_detached(device, nobodys);
    ASSERT_FALSE(attempt.mount);
    EXPECT_EQ(attempt.mount.error().code, Errc::not_found);
}

TEST(DetachedMount, ADeviceThatIsGoneIsNotFound) {
    const auto attempt = mount_detached({.key = {}, .node = "/dev/no-such-device"}, nobodys);
    ASSERT_FALSE(attempt.mount);
    EXPECT_EQ(attempt.mount.error().code, Errc::not_found);
}

class LoopMount : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto why = why_no_loop_device(); !why.empty()) GTEST_SKIP() << why;
        image_ = make_image(folder_.path());
    }

    DetachedMount mount(const LoopDevice& loop) const {
        auto attempt = mount_detached(loop.device(), nobodys);
        EXPECT_TRUE(attempt.mount) << describe(attempt.mount.error()) << ' ' << attempt.kernel_text;
        return attempt.mount ? std::move(*attempt.mount) : DetachedMount{};
    }
    Error refused(const drives::Device& device) const {
        const auto attempt = mount_detached(device, nobodys);
        EXPECT_FALSE(attempt.mount);
        return attempt.mount ? Error{} : attempt.mount.error();
    }
    io::UniqueFd create(const DetachedMount& mount, const char* name) const {
        return io::UniqueFd(::openat(mount.root.get(), name, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    }

    tests::TemporaryDirectory folder_;
    std::filesystem::path image_;
};

std::string mount_table() {
    std::ifstream file("/proc/self/mountinfo");
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(LoopMount, StandsNowhereAndMayDoLittle) {
    const LoopDevice loop(image_);
    const auto mounted = mount(loop);
    EXPECT_FALSE(mounted.read_only);
    const auto key = loop.device().key;
    const auto number = " " + std::to_string(key.major) + ":" + std::to_string(key.minor) + " ";
    EXPECT_EQ(mount_table().find(number), std::string::npos);
    struct statvfs status{};
    ASSERT_EQ(::fstatvfs(mounted.root.get(), &status), 0);
    constexpr unsigned long no_symlinks = 0x2000;  // ST_NOSYMFOLLOW
    for (const auto flag :
         {static_cast<unsigned long>(ST_NOSUID), static_cast<unsigned long>(ST_NODEV),
          static_cast<unsigned long>(ST_NOEXEC), static_cast<unsigned long>(ST_NOATIME), no_symlinks})
        EXPECT_NE(status.f_flag & flag, 0u) << flag;
}

// What the child found wrong; it may only make system calls.
int use_as_nobody(int root) {
    if (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0) return 1;
    const int folder = ::openat(root, ".", O_RDONLY | O_DIRECTORY);
    const int file = ::openat(root, "written", O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0600);
    if (folder < 0 || file < 0) return 2;
    if (::write(file, "x", 1) != 1 || ::fsync(file) != 0 || ::fsync(folder) != 0) return 3;
    return ::symlinkat("/etc/passwd", root, "link") == 0 && ::openat(root, "link", O_RDONLY) < 0 ? 0 : 4;
}

TEST_F(LoopMount, WorksForAProcessWithoutAnyPrivilege) {
    const LoopDevice loop(image_);
    const auto mounted = mount(loop);
    const auto child = ::fork();
    if (child == 0) ::_exit(use_as_nobody(mounted.root.get()));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(::faccessat(mounted.root.get(), "written", F_OK, 0), 0);
}

TEST_F(LoopMount, IsTheOnlyOne) {
    const LoopDevice loop(image_);
    const auto mounted = mount(loop);
    const auto error = refused(loop.device());
    EXPECT_EQ(error.code, Errc::busy);
    EXPECT_EQ(error.os_error, EBUSY);
}

TEST_F(LoopMount, WhatAnybodyHasMountedIsBusy) {
    const tests::TemporaryDirectory place;
    ASSERT_TRUE(tests::Mounted::namespace_entered());
    const LoopDevice loop(image_);
    ASSERT_EQ(::mount(loop.device().node.c_str(), place.path().c_str(), "ext4", 0, nullptr), 0);
    const auto error = refused(loop.device());
    ASSERT_EQ(::umount2(place.path().c_str(), 0), 0);
    EXPECT_EQ(error.code, Errc::busy);
    EXPECT_FALSE(mount(loop).read_only);
}

TEST_F(LoopMount, WhoeverFormatsItIsNotDisturbed) {
    const LoopDevice loop(image_);
    const io::UniqueFd formatter(::open(loop.device().node.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(formatter.get(), LOCK_EX), 0);
    EXPECT_EQ(refused(loop.device()).code, Errc::busy);
    ASSERT_EQ(::flock(formatter.get(), LOCK_UN), 0);
    EXPECT_TRUE(mount(loop).root);
}

TEST_F(LoopMount, AnotherDeviceUnderTheSameNameIsNotMounted) {
    const LoopDevice loop(image_);
    auto device = loop.device();
    ++device.key.generation;
    EXPECT_EQ(refused(device).code, Errc::not_found);
    device = loop.device();
    ++device.key.minor;
    EXPECT_EQ(refused(device).code, Errc::not_found);
}

TEST_F(LoopMount, AWriteProtectedOneIsForReading) {
    const LoopDevice loop(image_, LoopDevice::Access::read_only);
    const auto attempt = mount_detached(loop.device(), nobodys);
    ASSERT_TRUE(attempt.mount) << describe(attempt.mount.error());
    EXPECT_TRUE(attempt.mount->read_only);
    EXPECT_FALSE(create(*attempt.mount, "new"));
    EXPECT_EQ(errno, EROFS);
    const io::UniqueFd root(::openat(attempt.mount->root.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_TRUE(root);
}

TEST_F(LoopMount, AFullOneIsMountedAndRead) {
    const LoopDevice loop(image_);
    {
        const auto mounted = mount(loop);
        const auto file = create(mounted, "fill");
        const std::vector<char> block(1 << 20, 'x');
        while (::write(file.get(), block.data(), block.size()) > 0) continue;
        EXPECT_EQ(errno, ENOSPC);
    }
    const auto mounted = mount(loop);
    EXPECT_FALSE(mounted.read_only);
    const io::UniqueFd file(::openat(mounted.root.get(), "fill", O_RDONLY | O_CLOEXEC));
    char first = 0;
    EXPECT_EQ(::read(file.get(), &first, 1), 1);
    EXPECT_EQ(first, 'x');
}

TEST_F(LoopMount, AnUncleanOneIsMountedAndAllThatWasSyncedIsThere) {
    const auto copy = folder_.path() / "copy";
    const LoopDevice loop(image_);
    {
        const auto mounted = mount(loop);
        const auto file = create(mounted, "synced");
        ASSERT_EQ(::fsync(file.get()), 0);
        ASSERT_EQ(::syncfs(file.get()), 0);
        std::filesystem::copy_file(image_, copy);  // as it is when it is pulled out
    }
    const LoopDevice pulled(copy);
    const auto mounted = mount(pulled);
    EXPECT_FALSE(mounted.read_only);
    EXPECT_EQ(::faccessat(mounted.root.get(), "synced", F_OK, 0), 0);
}

TEST_F(LoopMount, WhatIsNoFileSystemIsRefusedByTheKernel) {
    std::ofstream(image_, std::ios::trunc).close();
    std::filesystem::resize_file(image_, 1 << 20);
    const LoopDevice loop(image_);
    EXPECT_EQ(refused(loop.device()).os_error, EINVAL);
    EXPECT_TRUE(check_free(loop.device()));
}

// The medium behind it takes no more: an error at the sync, and the device is free again afterwards.
TEST_F(LoopMount, AFailingOneFailsAtTheSyncAndIsFreeAfterIt) {
    const tests::TemporaryDirectory place;
    const tests::Mounted memory("tmpfs", place.path(), "size=4m");
    if (!memory) GTEST_SKIP() << "no tmpfs may be mounted here";
    const auto image = make_image(place.path(), 16 << 20);
    {
        const LoopDevice loop(image);
        {
            const auto mounted = mount(loop);
            const auto file = create(mounted, "lost");
            const std::vector<char> block(8 << 20, 'x');
            EXPECT_GT(::write(file.get(), block.data(), block.size()), 0);
            EXPECT_NE(::fsync(file.get()), 0);
            EXPECT_FALSE(check_free(loop.device()));
        }
        EXPECT_TRUE(check_free(loop.device()));
    }
}

TEST_F(LoopMount, AnOpenFileKeepsTheDeviceBusyWithoutTheMount) {
    const LoopDevice loop(image_);
    auto mounted = mount(loop);
    auto file = create(mounted, "open");
    mounted.root.reset();
    const auto busy = check_free(loop.device());
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code, Errc::busy);
    file.reset();
    EXPECT_TRUE(check_free(loop.device()));
}

}  // namespace
}  // namespace wcmp::mountd
