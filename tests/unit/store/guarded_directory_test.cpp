// After the first write or sync that the medium refused there is no other.
#include "store/guarded_directory.h"

#include "io/memory.h"

#include <functional>

#include <gtest/gtest.h>

namespace wcmp::store::test {
namespace {

struct Guarded : testing::Test {
    io::MemoryFileSystem files;
    GuardedDirectory directory{files.root()};

    void fail_next(int os_error) {
        files.clear_faults();
        files.fail_at(files.steps(), {.os_error = os_error, .lasts = io::Fault::Lasts::once});
    }
};

using Change = std::function<Result<void>(GuardedDirectory&, io::WritableFile&)>;

Result<void> without_value(const auto& result) {
    return result ? Result<void>{} : Result<void>(std::unexpected(result.error()));
}

const std::vector<Change> writes{
    [](auto&, auto& file) { return file.write_at(0, Bytes(9)); },
    [](auto&, auto& file) { return file.start_writeback(0, 9); },
    [](auto&, auto& file) { return file.set_constant_times(); },
    [](auto& directory, auto&) { return without_value(directory.create("new")); },
    [](auto& directory, auto&) { return without_value(directory.create_unnamed()); },
    [](auto& directory, auto&) { return directory.unlink("old"); },
    [](auto& directory, auto&) { return directory.rename("old", "older"); },
    [](auto& directory, auto&) { return directory.make_directory("folder"); },
    [](auto& directory, auto&) { return directory.set_constant_times(); },
};
const std::vector<Change> syncs{
    [](auto&, auto& file) { return file.sync(); },
    [](auto&, auto& file) { return file.sync_data(); },
    [](auto& directory, auto&) { return directory.sync_file_system(); },
};

std::vector<Change> all_changes() {
    auto all = writes;
    all.insert(all.end(), syncs.begin(), syncs.end());
    all.emplace_back([](auto& directory, auto&) { return directory.sync(); });
    return all;
}

TEST(GuardedDirectory, WhateverFailsFirstEverythingIsRefusedAfterwards) {
    for (std::size_t first = 0; first < all_changes().size(); ++first) {
        io::MemoryFileSystem files;
        GuardedDirectory directory(files.root());
        ASSERT_TRUE(directory.create("old").has_value());
        const auto file = directory.create("file").value();
        ASSERT_TRUE(file->write_at(0, Bytes(5, 7)).has_value());
        files.fail_at(files.steps(), {.os_error = EIO, .lasts = io::Fault::Lasts::once});
        const auto failed = all_changes()[first](directory, *file);
        ASSERT_FALSE(failed.has_value()) << first;
        EXPECT_EQ(failed.error().os_error, EIO) << first;
        EXPECT_TRUE(directory.failing()) << first;
        const auto steps = files.steps();
        for (const auto& change : all_changes())
            EXPECT_EQ(change(directory, *file).error().code, Errc::store_failing) << first;
        EXPECT_EQ(directory.open_for_writing("old").error().code, Errc::store_failing) << first;
        EXPECT_EQ(files.steps(), steps) << "nothing reached the medium, " << first;
        Bytes read(1);
        EXPECT_TRUE(io::read_exactly(**directory.open("file"), 0, read).has_value()) << "reading goes on";
    }
}

TEST(GuardedDirectory, WhatIsNotTheMediumsFaultEndsNothing) {
    for (const int os_error : {ENOSPC, EMFILE, ENFILE, ENOMEM, EEXIST, EACCES}) {
        for (const auto& change : writes) {
            io::MemoryFileSystem files;
            GuardedDirectory directory(files.root());
            ASSERT_TRUE(directory.create("old").has_value());
            const auto file = directory.create("file").value();
            files.fail_at(files.steps(), {.os_error = os_error, .lasts = io::Fault::Lasts::once});
            EXPECT_FALSE(change(directory, *file).has_value());
            EXPECT_FALSE(directory.failing()) << os_error;
            EXPECT_TRUE(change(directory, *file).has_value()) << os_error;
        }
    }
}

// ENOSPC too: a thin disk says so at the sync, and what was written before is gone then.
TEST(GuardedDirectory, AFailedSyncEndsItWhateverItSays) {
    for (const int os_error : {EIO, ENOSPC, EDQUOT, EROFS}) {
        for (const auto& sync : syncs) {
            io::MemoryFileSystem files;
            GuardedDirectory directory(files.root());
            const auto file = directory.create("file").value();
            files.fail_at(files.steps(), {.os_error = os_error, .lasts = io::Fault::Lasts::once});
            EXPECT_FALSE(sync(directory, *file).has_value());
            EXPECT_TRUE(directory.failing()) << os_error;
        }
    }
}

TEST_F(Guarded, ReadingThatFailsEndsNothing) {
    const auto file = directory.create("file").value();
    ASSERT_TRUE(file->write_at(0, Bytes(5)).has_value());
    Bytes into(5);
    files.fail_read_at(files.reads());
    EXPECT_FALSE(file->read_at(0, into).has_value());
    files.fail_read_at(files.reads());
    EXPECT_FALSE(directory.open("file").has_value());
    files.fail_read_at(files.reads());
    EXPECT_FALSE(directory.list([](auto) {}).has_value());
    EXPECT_FALSE(directory.failing());
    EXPECT_TRUE(file->write_at(0, into).has_value());
}

// As the kernel does it to a file system with errors.
TEST_F(Guarded, AFileSystemThatBecameReadOnlyIsNoticedBeforeAnythingIsWritten) {
    EXPECT_FALSE(directory.space()->read_only);
    EXPECT_FALSE(directory.failing());
    files.set_read_only(true);
    EXPECT_TRUE(directory.space()->read_only);
    EXPECT_TRUE(directory.failing());
}

}  // namespace
}  // namespace wcmp::store::test
