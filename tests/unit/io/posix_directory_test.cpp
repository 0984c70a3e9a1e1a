// Names below a directory of the real system: what is opened, and everything that must not be.
#include "io/posix.h"
#include "mounted.h"
#include "temporary_directory.h"

#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

using testing::UnorderedElementsAre;

class PosixDirectory : public testing::Test {
protected:
    std::string path(const std::string& name) const { return temporary.path() / name; }
    void write(const std::string& name, std::string_view text) const { std::ofstream(path(name)) << text; }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        EXPECT_TRUE(directory->list([&](std::string_view name) { found.emplace_back(name); }));
        return found;
    }
    void expect_refused(const std::string& name, Errc code) {
        EXPECT_EQ(directory->open(name).error().code, code) << name;
        EXPECT_EQ(directory->open_for_writing(name).error().code, code) << name;
    }

    tests::TemporaryDirectory temporary;
    std::unique_ptr<Directory> directory = open_directory(temporary.path()).value();
};

TEST_F(PosixDirectory, ListsEveryKindOfEntryEachTime) {
    write("a", "");
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    ASSERT_EQ(::symlink("nowhere", path("link").c_str()), 0);
    ASSERT_TRUE(directory->make_directory("folder"));
    EXPECT_THAT(names(), UnorderedElementsAre("a", "fifo", "link", "folder"));
    EXPECT_THAT(names(), UnorderedElementsAre("a", "fifo", "link", "folder"));
}

TEST_F(PosixDirectory, AFifoNeitherBlocksNorOpens) {
    ASSERT_EQ(::mkfifo(path("0-1-x.wcmp").c_str(), 0600), 0);
    expect_refused("0-1-x.wcmp", Errc::not_regular);
}

TEST_F(PosixDirectory, LinksAreNotFollowed) {
    write("file", "inside");
    ASSERT_EQ(::symlink("file", path("inside").c_str()), 0);
    ASSERT_EQ(::symlink("/etc/passwd", path("outside").c_str()), 0);
    ASSERT_EQ(::symlink("nowhere", path("dangling").c_str()), 0);
    ASSERT_EQ(::symlink("/proc/self/exe", path("magic").c_str()), 0);
    for (const auto* name : {"inside", "outside", "dangling", "magic"})
        expect_refused(name, Errc::not_regular);
    ASSERT_EQ(::symlink("/", path("root").c_str()), 0);
    EXPECT_EQ(directory->open_directory("root").error().code, Errc::not_found);  // no directory of that name
}

TEST_F(PosixDirectory, CreatingOverADanglingLinkIsRefused) {
    ASSERT_EQ(::symlink("target", path("link").c_str()), 0);
    EXPECT_EQ(directory->create("link").error().code, Errc::exists);
    EXPECT_FALSE(std::filesystem::exists(path("target")));
}

TEST_F(PosixDirectory, FoldersAndSocketsAreNotFiles) {
    ASSERT_TRUE(directory->make_directory("folder"));
    expect_refused("folder", Errc::not_regular);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    expect_refused("socket", Errc::not_regular);
}

TEST_F(PosixDirectory, DevicesAreNotFiles) {
    if (::mknod(path("null").c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0)
        GTEST_SKIP() << "this user may not make a device node";
    if (!UniqueFd(::open(path("null").c_str(), O_RDONLY))) GTEST_SKIP() << "no devices work here (nodev)";
    expect_refused("null", Errc::not_regular);
}

TEST_F(PosixDirectory, NamesAreSingleComponents) {
    write("a", "");
    ASSERT_TRUE(directory->make_directory("folder"));
    const std::string too_long(256, 'x');
    const std::string with_nul("a\0b", 3);
    for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("/a"),
                                    std::string("folder/a"), std::string("a/"), too_long, with_nul}) {
        expect_refused(name, Errc::invalid);
        EXPECT_EQ(directory->create(name).error().code, Errc::invalid);
        EXPECT_EQ(directory->unlink(name).error().code, Errc::invalid);
        EXPECT_EQ(directory->rename(name, "b").error().code, Errc::invalid);
        EXPECT_EQ(directory->rename("a", name).error().code, Errc::invalid);
        EXPECT_EQ(directory->make_directory(name).error().code, Errc::invalid);
        EXPECT_EQ(directory->open_directory(name).error().code, Errc::invalid);
    }
    EXPECT_TRUE(directory->create(std::string(255, 'x')));
}

TEST_F(PosixDirectory, MissingNamesAreNotFound) {
    expect_refused("missing", Errc::not_found);
    EXPECT_EQ(directory->unlink("missing").error().code, Errc::not_found);
    EXPECT_EQ(directory->rename("missing", "b").error().code, Errc::not_found);
    EXPECT_EQ(directory->open_directory("missing").error().code, Errc::not_found);
    EXPECT_EQ(open_directory(path("missing")).error().code, Errc::not_found);
}

TEST_F(PosixDirectory, CreatesPrivateFilesOnce) {
    ASSERT_TRUE(directory->create("a"));
    EXPECT_EQ(directory->create("a").error().code, Errc::exists);
    struct stat found{};
    ASSERT_EQ(::stat(path("a").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600u);
    ASSERT_TRUE(directory->make_directory("folder"));
    EXPECT_EQ(directory->make_directory("folder").error().code, Errc::exists);
    ASSERT_EQ(::stat(path("folder").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0700u);
}

TEST_F(PosixDirectory, AWriterKeepsOthersOut) {
    auto writer = directory->create("a").value();
    EXPECT_EQ(directory->open_for_writing("a").error().code, Errc::busy);
    const auto reader = directory->open("a").value();
    EXPECT_FALSE(reader->no_writer().value());
    EXPECT_TRUE(writer->no_writer().value());  // and does not give its lock away
    EXPECT_EQ(directory->open_for_writing("a").error().code, Errc::busy);
    writer.reset();
    EXPECT_TRUE(reader->no_writer().value());
    EXPECT_TRUE(directory->open_for_writing("a"));  // asking kept no lock
}

TEST_F(PosixDirectory, UnnamedFilesHaveNoName) {
    const auto file = directory->create_unnamed().value();
    const Bytes bytes{1, 2, 3};
    ASSERT_TRUE(file->write_at(0, bytes));
    Bytes found(3);
    ASSERT_TRUE(read_exactly(*file, 0, found));
    EXPECT_EQ(found, bytes);
    EXPECT_TRUE(names().empty());
}

TEST_F(PosixDirectory, RenamesAndUnlinks) {
    write("a", "new");
    write("b", "old");
    ASSERT_TRUE(directory->rename("a", "b"));
    EXPECT_THAT(names(), UnorderedElementsAre("b"));
    EXPECT_EQ(directory->open("b").value()->status().value().size, 3u);
    ASSERT_TRUE(directory->unlink("b"));
    EXPECT_TRUE(names().empty());
    ASSERT_TRUE(directory->make_directory("folder"));
    EXPECT_EQ(directory->unlink("folder").error().code, Errc::not_regular);
}

TEST_F(PosixDirectory, SyncsAndTakesTheConstantTime) {
    EXPECT_TRUE(directory->sync());
    EXPECT_TRUE(directory->sync_file_system());
    ASSERT_TRUE(directory->set_constant_times());
    struct stat found{};
    ASSERT_EQ(::stat(temporary.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mtim.tv_sec, 946'684'800);
}

TEST_F(PosixDirectory, OneOwnerAtATime) {
    auto lock = directory->lock().value();
    EXPECT_EQ(directory->lock().error().code, Errc::busy);
    EXPECT_EQ(open_directory(temporary.path()).value()->lock().error().code, Errc::busy);
    lock.reset();
    EXPECT_TRUE(directory->lock());
}

TEST_F(PosixDirectory, SpaceIsThatOfTheFileSystem) {
    const auto space = directory->space().value();
    EXPECT_GT(space.total_bytes, 0u);
    EXPECT_LE(space.free_bytes, space.total_bytes);
    EXPECT_FALSE(space.read_only);
}

TEST_F(PosixDirectory, OpensByPathThroughLinks) {
    ASSERT_TRUE(directory->make_directory("folder"));
    ASSERT_EQ(::symlink("folder", path("link").c_str()), 0);
    EXPECT_TRUE(open_directory(path("link")));
    write("file", "");
    EXPECT_EQ(open_directory(path("file")).error().code, Errc::not_found);
}

TEST_F(PosixDirectory, MakesWhatIsMissing) {
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(open_or_make_directory(path("a/b/c/")));
    struct stat found{};
    for (const auto* name : {"a", "a/b", "a/b/c"}) {
        ASSERT_EQ(::stat(path(name).c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 07777, 0700u);
    }
    write("file", "");
    EXPECT_EQ(open_or_make_directory(path("file/below")).error().code, Errc::not_found);
    EXPECT_FALSE(open_or_make_directory(""));
}

TEST_F(PosixDirectory, TakesOverDescriptors) {
    write("a", "1");
    for (const int flags : {O_RDONLY | O_DIRECTORY, O_PATH | O_DIRECTORY}) {
        auto adopted = adopt_directory(UniqueFd(::open(temporary.path().c_str(), flags)));
        ASSERT_TRUE(adopted);
        EXPECT_TRUE((*adopted)->open("a"));
        EXPECT_TRUE((*adopted)->sync());
        EXPECT_TRUE((*adopted)->lock());
        EXPECT_TRUE((*adopted)->list([](std::string_view) {}));
    }
    EXPECT_FALSE(adopt_directory(UniqueFd(::open(path("a").c_str(), O_RDONLY))));
    EXPECT_FALSE(adopt_directory(UniqueFd()));
}

TEST_F(PosixDirectory, OtherFileSystemsBelowAreNotEntered) {
    ASSERT_TRUE(directory->make_directory("mounted"));
    const tests::Mounted mounted("tmpfs", path("mounted"));
    if (!mounted) GTEST_SKIP() << "this user may not mount";
    const auto above = open_directory(temporary.path()).value();  // anew: it belongs to its mount namespace
    EXPECT_EQ(above->open_directory("mounted").error().code, Errc::not_regular);
}

TEST_F(PosixDirectory, AReadOnlyFileSystemSaysSo) {
    tests::Mounted mounted("tmpfs", temporary.path());
    if (!mounted) GTEST_SKIP() << "this user may not mount";
    write("a", "1");
    ASSERT_TRUE(mounted.remount_read_only());
    const auto inside = open_directory(temporary.path()).value();
    EXPECT_TRUE(inside->open("a"));
    EXPECT_TRUE(inside->space().value().read_only);
    EXPECT_EQ(inside->create("b").error().code, Errc::read_only);
    EXPECT_EQ(inside->create_unnamed().error().code, Errc::read_only);
    EXPECT_EQ(inside->open_for_writing("a").error().code, Errc::read_only);
    EXPECT_EQ(inside->unlink("a").error().code, Errc::read_only);
    EXPECT_EQ(inside->rename("a", "b").error().code, Errc::read_only);
    EXPECT_EQ(inside->make_directory("d").error().code, Errc::read_only);
    EXPECT_EQ(inside->set_constant_times().error().code, Errc::read_only);
}

TEST_F(PosixDirectory, AFullFileSystemSaysSo) {
    const tests::Mounted mounted("tmpfs", temporary.path(), "size=64k");
    if (!mounted) GTEST_SKIP() << "this user may not mount";
    const auto inside = open_directory(temporary.path()).value();
    const auto file = inside->create("a").value();
    EXPECT_EQ(file->write_at(0, Bytes(100'000)).error().code, Errc::no_space);
    EXPECT_EQ(inside->space().value().free_bytes, 0u);
}

TEST_F(PosixDirectory, UnprivilegedUsersAreDenied) {
    if (::geteuid() == 0) GTEST_SKIP() << "root is denied nothing";
    ASSERT_TRUE(directory->make_directory("closed"));
    ASSERT_EQ(::chmod(path("closed").c_str(), 0), 0);
    EXPECT_EQ(directory->open_directory("closed").error().code, Errc::denied);
    EXPECT_EQ(open_directory(path("closed")).error().code, Errc::denied);
}

}  // namespace
}  // namespace wcmp::io
