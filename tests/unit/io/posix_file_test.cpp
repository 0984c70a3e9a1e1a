// Reading, writing and mapping regular files of the real system.
#include "io/posix_file.h"

#include "io/posix.h"
#include "temporary_directory.h"

#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return bytes;
}

class PosixFile : public testing::Test {
protected:
    std::unique_ptr<WritableFile> file_with(ByteView bytes) {
        auto file = directory->create("file").value();
        EXPECT_TRUE(file->write_at(0, bytes));
        return file;
    }

    tests::TemporaryDirectory temporary;
    std::unique_ptr<Directory> directory = open_directory(temporary.path()).value();
};

TEST_F(PosixFile, ReadsWhatWasWritten) {
    const auto bytes = counting(1'000'003);
    const auto file = file_with(bytes);
    Bytes found(bytes.size());
    ASSERT_EQ(file->read_at(0, found).value(), found.size());
    EXPECT_EQ(found, bytes);
    Bytes part(100);
    ASSERT_EQ(file->read_at(777, part).value(), 100u);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), bytes.begin() + 777));
}

TEST_F(PosixFile, ReadsLessAtTheEndOnly) {
    const auto file = file_with(counting(10));
    Bytes into(8);
    EXPECT_EQ(file->read_at(0, into).value(), 8u);
    EXPECT_EQ(file->read_at(5, into).value(), 5u);
    EXPECT_EQ(file->read_at(10, into).value(), 0u);
    EXPECT_EQ(file->read_at(1'000'000, into).value(), 0u);
}

TEST_F(PosixFile, WhatIsSaidToBeReadIsReadAsEver) {
    const auto bytes = counting(10'000);
    const auto file = file_with(bytes);
    file->will_read(0, 4096);
    file->will_read(5000, ~std::uint64_t{0});
    file->will_read(1'000'000, 1);
    Bytes found(bytes.size());
    ASSERT_EQ(file->read_at(0, found).value(), found.size());
    EXPECT_EQ(found, bytes);
}

TEST_F(PosixFile, ReadExactlyRefusesAShortFile) {
    const auto file = file_with(counting(10));
    Bytes into(8);
    EXPECT_TRUE(read_exactly(*file, 2, into));
    EXPECT_EQ(read_exactly(*file, 3, into).error().code, Errc::truncated);
}

TEST_F(PosixFile, ImpossibleOffsetsAreErrors) {
    const auto file = file_with(counting(10));
    Bytes into(8);
    const auto beyond = ~std::uint64_t{0} - 100;
    EXPECT_EQ(file->read_at(beyond, into).error().code, Errc::io);
    EXPECT_EQ(file->write_at(beyond, into).error().code, Errc::io);
    EXPECT_EQ(file->start_writeback(beyond, 8).error().code, Errc::io);
}

TEST_F(PosixFile, StatusTellsSizeAndIdentity) {
    const auto file = file_with(counting(4321));
    const auto status = file->status().value();
    struct stat found{};
    ASSERT_EQ(::stat((temporary.path() / "file").c_str(), &found), 0);
    EXPECT_EQ(status.size, 4321u);
    EXPECT_EQ(status.inode, found.st_ino);
    EXPECT_EQ(status.device, found.st_dev);
    EXPECT_EQ(status.modified_ns, found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec);
    EXPECT_EQ(status.changed_ns, found.st_ctim.tv_sec * 1'000'000'000 + found.st_ctim.tv_nsec);
}

TEST_F(PosixFile, MapsAnyRangeInside) {
    const auto bytes = counting(20'000);
    const auto file = file_with(bytes);
    for (const auto& [offset, length] : {std::pair{0u, 20'000u}, {1u, 4096u}, {4096u, 1u}, {19'999u, 1u}}) {
        const auto mapping = file->map(offset, length).value();
        EXPECT_TRUE(std::ranges::equal(mapping->bytes(), ByteView(bytes).subspan(offset, length)));
    }
    EXPECT_TRUE(file->map(7, 0).value()->bytes().empty());
    EXPECT_TRUE(file->map(20'000, 0).value()->bytes().empty());
}

TEST_F(PosixFile, MapsNothingBeyondTheEnd) {
    const auto file = file_with(counting(5000));
    EXPECT_EQ(file->map(0, 5001).error().code, Errc::truncated);
    EXPECT_EQ(file->map(5001, 0).error().code, Errc::truncated);
    EXPECT_EQ(file->map(4999, ~std::size_t{0}).error().code, Errc::truncated);
}

TEST_F(PosixFile, AMappingOutlivesItsFile) {
    auto file = file_with(counting(5000));
    const auto mapping = file->map(100, 200).value();
    file.reset();
    ASSERT_TRUE(directory->unlink("file"));
    EXPECT_TRUE(std::ranges::equal(mapping->bytes(), ByteView(counting(5000)).subspan(100, 200)));
}

TEST_F(PosixFile, SyncsAndTakesTheConstantTime) {
    const auto file = file_with(counting(100));
    EXPECT_TRUE(file->start_writeback(0, 100));
    EXPECT_TRUE(file->sync_data());
    EXPECT_TRUE(file->sync());
    ASSERT_TRUE(file->set_constant_times());
    struct stat found{};
    ASSERT_EQ(::stat((temporary.path() / "file").c_str(), &found), 0);
    EXPECT_EQ(found.st_mtim.tv_sec, 946'684'800);
    EXPECT_EQ(found.st_atim.tv_sec, 946'684'800);
    EXPECT_EQ(found.st_mtim.tv_nsec, 0);
}

TEST_F(PosixFile, TakesOverRegularFilesOnly) {
    EXPECT_EQ(adopt_file(UniqueFd(::open("/dev/null", O_RDONLY))).error().code, Errc::not_regular);
    EXPECT_EQ(adopt_file(UniqueFd(::open(temporary.path().c_str(), O_RDONLY))).error().code,
              Errc::not_regular);
    EXPECT_EQ(adopt_file(UniqueFd()).error().code, Errc::io);
}

TEST_F(PosixFile, AFileBeyondItsLargestSizeIsNoSpace) {
    const auto file = file_with(counting(1));
    // The process's own limit: there are file systems that have none.
    struct rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto small = before;
    small.rlim_cur = 100;
    auto* const handler = ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto written = file->write_at(100, counting(1));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, handler);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::no_space);
}

TEST(UniqueFd, ClosesWhatItHolds) {
    std::array<int, 2> pipe_fds{};
    ASSERT_EQ(::pipe(pipe_fds.data()), 0);
    UniqueFd reading(pipe_fds[0]);
    UniqueFd writing(pipe_fds[1]);
    char byte = 0;
    writing.reset();
    EXPECT_FALSE(writing);
    EXPECT_EQ(::read(reading.get(), &byte, 1), 0);  // end of file: the other end is closed
}

TEST(UniqueFd, MovesAndReleases) {
    UniqueFd first(::open("/dev/null", O_RDONLY));
    const int number = first.get();
    ASSERT_TRUE(first);
    UniqueFd second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that it is empty is the point
    EXPECT_EQ(second.get(), number);
    first = std::move(second);
    EXPECT_EQ(first.get(), number);
    EXPECT_EQ(first.release(), number);
    EXPECT_FALSE(first);
    EXPECT_EQ(::close(number), 0);  // released, so still open
}

}  // namespace
}  // namespace wcmp::io
