#include "io/volatile_storage.h"

#include "temporary_directory.h"

#include <gtest/gtest.h>
#include <linux/magic.h>

namespace wcmp::io {
namespace {

TEST(VolatileStorage, IsWhatLivesInMemory) {
    for (const std::uint64_t type : {TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC, SQUASHFS_MAGIC})
        EXPECT_TRUE(is_volatile(type));
    EXPECT_TRUE(is_volatile(0x858458f6)) << "ramfs";
    for (const std::uint64_t type : {EXT4_SUPER_MAGIC, MSDOS_SUPER_MAGIC, NFS_SUPER_MAGIC})
        EXPECT_FALSE(is_volatile(type));
}

TEST(VolatileStorage, TheSystemIsAsked) {
    const auto devices = is_on_volatile_storage("/dev");
    ASSERT_TRUE(devices.has_value());
    EXPECT_TRUE(*devices) << "devtmpfs, or a container's tmpfs";
    const tests::TemporaryDirectory folder;
    const auto missing = is_on_volatile_storage(folder.path() / "missing");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, Errc::not_found);
}

}  // namespace
}  // namespace wcmp::io
