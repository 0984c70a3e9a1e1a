// Visits of real folders, in which anything may lie.
#include "io/posix.h"
#include "meeting.h"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::sync::test {
namespace {

namespace fs = std::filesystem;

struct Folders {
    Folders() {
        std::string pattern = (fs::temp_directory_path() / "wcmp-visit-XXXXXX").string();
        path = mkdtemp(pattern.data());
        store = *io::open_or_make_directory(path / "store");
        drive = *io::open_or_make_directory(path / "drive");
        outside = path / "outside";
    }
    ~Folders() {
        std::error_code ignored;
        fs::permissions(path / "drive", fs::perms::owner_all, ignored);
        fs::remove_all(path, ignored);
    }
    Folders(const Folders&) = delete;
    Folders& operator=(const Folders&) = delete;

    std::vector<bundle::test::Sample> make(std::size_t count) {
        return bundle::test::sample_messages(random, count, first_day, 5, 900);
    }

    // The name that a bundle of these would have, for something that is none.
    fs::path place_on_drive(const std::vector<bundle::test::Sample>& messages) {
        const auto bytes = bundle::test::sample_bundle(messages);
        return path / "drive" / bundle::to_string(bundle::test::open_bytes(bytes)->name());
    }

    Result<VisitResult> visit() {
        PlainStore local(*store);
        VisitResult result;
        const auto done = Visit(local, *drive, {}, today, random).run(result, {});
        if (!done) return std::unexpected(done.error());
        return result;
    }

    SeededRandom random{1};
    fs::path path;
    fs::path outside;
    std::unique_ptr<io::Directory> store;
    std::unique_ptr<io::Directory> drive;
};

void write_file(const fs::path& path, ByteView bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

TEST(VisitFolder, BothHoldTheUnionAndASecondVisitChangesNothing) {
    Folders folders;
    const auto ours = folders.make(30);
    const auto theirs = folders.make(30);
    put_bundle(*folders.store, ours);
    put_bundle(*folders.drive, theirs);
    const auto result = folders.visit();
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_FALSE(result->export_error.has_value());
    EXPECT_EQ(held(*folders.store), united(keys(ours), keys(theirs)));
    EXPECT_EQ(held(*folders.drive), held(*folders.store));

    struct stat before{};
    ASSERT_EQ(::stat((folders.path / "drive").c_str(), &before), 0);
    const auto again = folders.visit();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->bytes_written_drive + again->bytes_written_store, 0U);
    struct stat after{};
    ASSERT_EQ(::stat((folders.path / "drive").c_str(), &after), 0);
    EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    EXPECT_EQ(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

TEST(VisitFolder, ThousandsOfForeignFilesAreLeftAlone) {
    Folders folders;
    constexpr int foreign = 3000;
    for (int i = 0; i < foreign; ++i)
        write_file(folders.path / "drive" / ("photo-" + std::to_string(i) + ".wcmp"), Bytes(3, 'x'));
    write_file(folders.path / "drive" / (std::string(251, 'n') + ".txt"), Bytes(3, 'x'));
    write_file(folders.path / "drive" / ("20010-20011-" + std::string(32, 'A') + ".wcmp"), Bytes(3, 'x'));
    write_file(folders.path / "drive" / ("020010-20011-" + std::string(32, 'a') + ".wcmp"), Bytes(3, 'x'));
    const auto ours = folders.make(5);
    put_bundle(*folders.store, ours);
    ASSERT_TRUE(folders.visit().has_value());
    EXPECT_EQ(held(*folders.drive), keys(ours));
    EXPECT_EQ(count_files(*folders.drive), foreign + 4U);
}

// What stands under the very name that the export would take is neither read, nor followed, nor removed.
TEST(VisitFolder, WhatIsNoRegularFileIsNeverOpened) {
    for (const std::string kind : {"fifo", "link", "directory", "dangling"}) {
        Folders folders;
        const auto ours = folders.make(5);
        put_bundle(*folders.store, ours);
        const auto place = folders.place_on_drive(ours);
        write_file(folders.outside, bundle::test::sample_bundle(ours));
        if (kind == "fifo") {
            ASSERT_EQ(::mkfifo(place.c_str(), 0600), 0);
        }
        if (kind == "link") fs::create_symlink(folders.outside, place);
        if (kind == "dangling") fs::create_symlink("/nowhere", place);
        if (kind == "directory") fs::create_directory(place);
        const auto result = folders.visit();
        ASSERT_TRUE(result.has_value()) << kind << describe(result.error());
        EXPECT_TRUE(fs::exists(fs::symlink_status(place))) << kind;
        EXPECT_EQ(fs::file_size(folders.outside), bundle::test::sample_bundle(ours).size()) << kind;
        EXPECT_EQ(held(*folders.drive), keys(ours)) << kind;
        EXPECT_EQ(held(*folders.store), keys(ours)) << kind;
    }
}

TEST(VisitFolder, AFolderThatMayNotBeWrittenIsReadAllTheSame) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
    Folders folders;
    const auto ours = folders.make(5);
    const auto theirs = folders.make(5);
    put_bundle(*folders.store, ours);
    put_bundle(*folders.drive, theirs);
    fs::permissions(folders.path / "drive", fs::perms::owner_read | fs::perms::owner_exec);
    const auto result = folders.visit();
    ASSERT_TRUE(result.has_value());
    ASSERT_TRUE(result->export_error.has_value());
    EXPECT_EQ(result->export_error->code, Errc::denied);
    EXPECT_EQ(held(*folders.store), united(keys(ours), keys(theirs)));
}

TEST(VisitFolder, ADriveThatIsGoneIsAnError) {
    Folders folders;
    fs::remove_all(folders.path / "drive");
    put_bundle(*folders.store, folders.make(2));
    const auto result = folders.visit();
    EXPECT_TRUE(!result || result->export_error);
}

}  // namespace
}  // namespace wcmp::sync::test
