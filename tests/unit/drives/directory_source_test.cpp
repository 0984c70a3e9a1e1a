// Directories that come, go and change, on the real file system and a real io_context.
#include "io/posix.h"
#include "mounted.h"
#include "unit/drives/directory_source_fixture.h"

#include <fcntl.h>

namespace wcmp::drives::test {
namespace {

TEST_F(DirectorySourceTest, WhatIsThereAtTheStartIsAdded) {
    fs::create_directories(stick / "WCMP");
    watch(stick, true);
    EXPECT_TRUE(seen.empty());  // never from inside start()
    EXPECT_THAT(next(), ElementsAre("added 1"));
    EXPECT_EQ(last_added->kind, Kind::directory);
    EXPECT_TRUE(last_added->shared);
}

TEST_F(DirectorySourceTest, ADirectoryWithoutTheFolderIsADriveToo) {
    fs::create_directories(stick);
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    fs::create_directory(stick / "WCMP");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    write(stick / "WCMP" / "a.wcmp");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
}

TEST_F(DirectorySourceTest, SeveralAreWatched) {
    const auto other = temporary.path() / "other";
    fs::create_directories(stick);
    fs::create_directories(other);
    start({{stick}});
    EXPECT_THAT(next(), ElementsAre("added 1"));
    source->configure({{stick}, {other}});
    EXPECT_THAT(next(), ElementsAre("added 2"));
    fs::remove_all(stick);
    EXPECT_THAT(next(), ElementsAre("removed 1"));
    fs::remove_all(other);
    EXPECT_THAT(next(), ElementsAre("removed 2"));
}

TEST_F(DirectorySourceTest, DirectoriesAppearAndVanish) {
    watch(stick);
    expect_silence();  // added 1 is the marker
    fs::create_directory(stick);
    EXPECT_THAT(next(), ElementsAre("added 2"));
    fs::remove(stick);
    EXPECT_THAT(next(), ElementsAre("removed 2"));
    fs::create_directory(stick);
    EXPECT_THAT(next(), ElementsAre("added 3"));
    fs::rename(stick, temporary.path() / "elsewhere");
    EXPECT_THAT(next(), ElementsAre("removed 3"));
}

TEST_F(DirectorySourceTest, AMissingParentIsWaitedFor) {
    const auto deep = temporary.path() / "a" / "b" / "c";
    start({{deep}});
    io.run_one();
    fs::create_directories(deep);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    fs::remove_all(temporary.path() / "a");
    EXPECT_THAT(next(), ElementsAre("removed 1"));
}

TEST_F(DirectorySourceTest, AFileIsNoDrive) {
    write(stick);
    watch(stick);
    expect_silence();
    fs::remove(stick);
    fs::create_directory(stick);
    EXPECT_THAT(next(), ElementsAre("added 2"));
}

TEST_F(DirectorySourceTest, AReplacedDirectoryIsAnotherDrive) {
    fs::create_directory(stick);
    fs::create_directory(temporary.path() / "new");
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    fs::rename(stick, temporary.path() / "old");
    fs::rename(temporary.path() / "new", stick);
    // Seen together or one after the other, as the events fall.
    auto reports = next(2);
    EXPECT_THAT(reports, ElementsAre("removed 1", "added 2"));
    EXPECT_EQ(source->open({1}).error().code, Errc::not_found);
    EXPECT_TRUE(source->open({2}));
}

TEST_F(DirectorySourceTest, MountingAndUnmountingAreSeen) {
    fs::create_directory(stick);
    if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    {
        const tests::Mounted mounted("tmpfs", stick);
        ASSERT_TRUE(mounted);
        EXPECT_THAT(next(2), ElementsAre("removed 1", "added 2"));
        EXPECT_EQ(last_added->file_system, FileSystemKind::other);
    }
    EXPECT_THAT(next(2), ElementsAre("removed 2", "added 3"));
}

TEST_F(DirectorySourceTest, NamesChangedByAnotherAreReported) {
    fs::create_directories(stick / "WCMP");
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    write(stick / "WCMP" / "a.wcmp");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    fs::rename(stick / "WCMP" / "a.wcmp", stick / "WCMP" / "b.wcmp");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    fs::remove(stick / "WCMP" / "b.wcmp");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    fs::remove(stick / "WCMP");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
}

TEST_F(DirectorySourceTest, ManyChangesAreOne) {
    fs::create_directories(stick / "WCMP");
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    for (int i = 0; i < 200; ++i) write(stick / "WCMP" / (std::to_string(i) + ".wcmp"));
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    expect_silence();
}

TEST_F(DirectorySourceTest, OtherFilesAreNoReason) {
    fs::create_directories(stick / "WCMP");
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    write(stick / "WCMP" / ".syncing.tmp");
    write(stick / "photo.jpg");
    expect_silence();
}

TEST_F(DirectorySourceTest, AVisitsOwnChangesAreNotReported) {
    fs::create_directories(stick);
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    auto root = source->open({1}).value();
    ASSERT_TRUE(root->make_directory("WCMP"));
    auto folder = root->open_directory("WCMP").value();
    ASSERT_TRUE(folder->create("a.wcmp"));
    ASSERT_TRUE(folder->create("b.wcmp"));
    ASSERT_TRUE(folder->unlink("b.wcmp"));
    expect_silence();  // while the visit is on
    folder.reset();
    root.reset();
    ASSERT_TRUE(source->release({1}));
    expect_silence();
    write(stick / "WCMP" / "c.wcmp");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
}

TEST_F(DirectorySourceTest, WhatAnotherChangesDuringAVisitIsReportedAfterIt) {
    fs::create_directories(stick / "WCMP");
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    auto root = source->open({1}).value();
    auto folder = root->open_directory("WCMP").value();
    ASSERT_TRUE(folder->create("ours.wcmp"));
    write(stick / "WCMP" / "theirs.wcmp");
    expect_silence();
    folder.reset();
    root.reset();
    ASSERT_TRUE(source->release({1}));
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    expect_silence();
}

TEST_F(DirectorySourceTest, ADriveThatGoesDuringAVisitIsRemoved) {
    fs::create_directories(stick / "WCMP");
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    auto root = source->open({1}).value();
    fs::remove_all(stick);
    EXPECT_THAT(next(), ElementsAre("removed 1"));
    root.reset();
    EXPECT_TRUE(source->release({1}));
    EXPECT_EQ(source->open({1}).error().code, Errc::not_found);
    expect_silence();
}

TEST_F(DirectorySourceTest, ADriveThatWentUnseenIsNotFound) {
    fs::create_directories(stick);
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    fs::remove(stick);
    EXPECT_EQ(source->open({1}).error().code, Errc::not_found);  // before anything was reported
    EXPECT_EQ(source->open({7}).error().code, Errc::not_found);
    EXPECT_TRUE(source->release({7}));
}

TEST_F(DirectorySourceTest, NewSettingsAddAndRemove) {
    const auto other = temporary.path() / "other";
    fs::create_directories(stick);
    fs::create_directories(other);
    start({{stick}});
    EXPECT_THAT(next(), ElementsAre("added 1"));
    source->configure({{other}});
    EXPECT_THAT(next(2), ElementsAre("removed 1", "added 2"));
    source->configure({{other, true}});
    EXPECT_THAT(next(2), ElementsAre("removed 2", "added 3"));
    EXPECT_TRUE(last_added->shared);
}

TEST_F(DirectorySourceTest, NumbersAreOthersToo) {
    EXPECT_EQ(numbers.next(), DriveId{1});  // another source took it
    fs::create_directories(stick);
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 2"));
}

TEST_F(DirectorySourceTest, NothingIsReportedAfterTheEnd) {
    fs::create_directories(stick);
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    fs::remove(stick);
    source->stop();
    io.run();  // ends: nothing is awaited any more
    EXPECT_TRUE(seen.empty());
    source.reset();
}

TEST_F(DirectorySourceTest, LooksWithoutASignToo) {
    // As on a network: a directory that the system does not tell about, here because its parent gives no
    // event.
    fs::create_directories(stick / "WCMP");
    source.emplace(io, numbers, std::vector<WatchedDirectory>{{stick}},
                   DirectorySourceOptions{.folder = "WCMP", .debounce = 3600s, .look_every = 1s});
    source->start({.added = [this](const DriveAdded&) { seen.emplace_back("added"); },
                   .changed = [this](const DriveChanged&) { seen.emplace_back("changed"); },
                   .removed = {}});
    EXPECT_THAT(next(), ElementsAre("added"));
    write(stick / "WCMP" / "a.wcmp");
    EXPECT_THAT(next(), ElementsAre("changed"));
}

}  // namespace
}  // namespace wcmp::drives::test
