// What keeps a FAT sound that is pulled out: the order of its table and its entries.
#include "io/write_order.h"

#include "io/posix_file.h"
#include "temporary_directory.h"

#include <array>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

class WriteOrder : public testing::Test {
protected:
    UniqueFd make(const std::string& name) const {
        return UniqueFd(::open((temporary.path() / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    }

    tests::TemporaryDirectory temporary;
};

TEST_F(WriteOrder, IsForFileSystemsWithoutAJournal) {
    EXPECT_TRUE(needs_order(std::uint64_t{MSDOS_SUPER_MAGIC}));
    EXPECT_TRUE(needs_order(std::uint64_t{0x2011BAB0}));
    EXPECT_FALSE(needs_order(std::uint64_t{EXT4_SUPER_MAGIC}));
    EXPECT_FALSE(needs_order(std::uint64_t{TMPFS_MAGIC}));
}

// A pipe cannot be synced: whoever tries before the file says so.
TEST_F(WriteOrder, ANewFilesDirectoryIsSyncedFirst) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd reader(ends[0]);
    const auto file = adopt_new_file(make("a"), UniqueFd(ends[1]));
    ASSERT_TRUE(file);
    EXPECT_FALSE((*file)->sync());
    EXPECT_FALSE((*file)->sync_data());
}

TEST_F(WriteOrder, AndOnlyOnce) {
    UniqueFd directory(::open(temporary.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const int number = directory.get();
    const auto file = adopt_new_file(make("a"), std::move(directory));
    ASSERT_TRUE(file);
    EXPECT_TRUE((*file)->sync());
    EXPECT_EQ(::fcntl(number, F_GETFD), -1) << "it is let go of";
    EXPECT_TRUE((*file)->sync_data());
}

TEST_F(WriteOrder, RemovedFilesStayUntilTheyAreTaken) {
    RemovedFiles removed;
    auto file = make("a");
    const int number = file.get();
    removed.hold(std::move(file));
    EXPECT_FALSE(removed.full());
    EXPECT_EQ(::fcntl(number, F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(removed.take().size(), 1U);
    EXPECT_EQ(::fcntl(number, F_GETFD), -1);
    EXPECT_TRUE(removed.take().empty());
}

TEST_F(WriteOrder, NotTooManyWait) {
    RemovedFiles removed;
    for (std::size_t i = 0; i < RemovedFiles::most; ++i) {
        EXPECT_FALSE(removed.full());
        removed.hold(UniqueFd());
    }
    EXPECT_TRUE(removed.full());
}

}  // namespace
}  // namespace wcmp::io
