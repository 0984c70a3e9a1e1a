#include "drives/names.h"

#include "drives/observation.h"
#include "drives/recording_directory.h"
#include "io/memory.h"
#include "temporary_directory.h"

#include <fstream>

#include <gtest/gtest.h>
#include <linux/magic.h>

namespace wcmp::drives {
namespace {

TEST(Names, AreASet) {
    Names a;
    Names b;
    a.add("1.wcmp");
    a.add("2.wcmp");
    b.add("2.wcmp");
    EXPECT_NE(a, b);
    b.add("1.wcmp");
    EXPECT_EQ(a, b);
    a.remove("1.wcmp");
    b.remove("2.wcmp");
    EXPECT_NE(a, b);
}

TEST(Names, OthersDoNotCount) {
    Names a;
    a.add("x.tmp");
    a.add("wcmp");
    a.remove("y.txt");
    EXPECT_EQ(a, Names{});
}

TEST(Names, AreListedInTheFolder) {
    io::MemoryFileSystem files;
    const auto root = files.root();
    ASSERT_TRUE(root->create("outside.wcmp"));
    EXPECT_EQ(list_names(*root, "WCMP").value(), Names{});
    ASSERT_TRUE(root->make_directory("WCMP"));
    Names expected;
    expected.prepared = true;
    EXPECT_EQ(list_names(*root, "WCMP").value(), expected);
    ASSERT_TRUE(root->open_directory("WCMP").value()->create("a.wcmp"));
    expected.add("a.wcmp");
    EXPECT_EQ(list_names(*root, "WCMP").value(), expected);
    files.fail_read_at(files.reads());
    EXPECT_EQ(list_names(*root, "WCMP").error().code, Errc::io);
    files.fail_read_at(files.reads() + 1);
    EXPECT_EQ(list_names(*root, "WCMP").error().code, Errc::io);
}

class Recording : public testing::Test {
protected:
    io::MemoryFileSystem files;
    std::shared_ptr<Recorder> recorder =
        std::make_shared<Recorder>(list_names(*files.root(), "WCMP").value());
    std::unique_ptr<io::Directory> root = record(files.root(), "WCMP", recorder);

    void expect_exact() { EXPECT_EQ(recorder->names(), list_names(*files.root(), "WCMP").value()); }
};

TEST_F(Recording, KnowsWhatWasDoneThroughIt) {
    expect_exact();
    ASSERT_TRUE(root->make_directory("WCMP"));
    ASSERT_TRUE(root->make_directory("other"));
    expect_exact();
    const auto folder = root->open_directory("WCMP").value();
    ASSERT_TRUE(folder->create("a.wcmp"));
    ASSERT_TRUE(folder->create("b.wcmp"));
    ASSERT_TRUE(folder->unlink("a.wcmp"));
    ASSERT_TRUE(root->create("c.wcmp"));
    expect_exact();
}

TEST_F(Recording, WhatFailedDidNotHappen) {
    ASSERT_TRUE(root->make_directory("WCMP"));
    EXPECT_FALSE(root->make_directory("WCMP"));
    const auto folder = root->open_directory("WCMP").value();
    ASSERT_TRUE(folder->create("a.wcmp"));
    EXPECT_FALSE(folder->create("a.wcmp"));
    EXPECT_FALSE(folder->unlink("b.wcmp"));
    expect_exact();
}

TEST_F(Recording, TellsOthersChanges) {
    ASSERT_TRUE(root->make_directory("WCMP"));
    ASSERT_TRUE(files.root()->open_directory("WCMP").value()->create("theirs.wcmp"));
    EXPECT_NE(recorder->names(), list_names(*files.root(), "WCMP").value());
}

TEST_F(Recording, PassesTheRest) {
    ASSERT_TRUE(root->make_directory("WCMP"));
    const auto folder = root->open_directory("WCMP").value();
    ASSERT_TRUE(folder->create("a"));
    EXPECT_TRUE(folder->open("a"));
    EXPECT_TRUE(folder->open_for_writing("a"));
    EXPECT_TRUE(folder->create_unnamed());
    EXPECT_TRUE(folder->rename("a", "b"));
    EXPECT_TRUE(folder->sync());
    EXPECT_TRUE(folder->sync_file_system());
    EXPECT_TRUE(folder->set_constant_times());
    EXPECT_TRUE(folder->space());
    EXPECT_TRUE(folder->lock());
    std::string names;
    EXPECT_TRUE(folder->list([&](std::string_view name) { names += name; }));
    EXPECT_EQ(names, "b");
}

TEST(Observation, SeesADirectory) {
    const tests::TemporaryDirectory temporary;
    const auto found = observe(temporary.path(), "WCMP");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->names, Names{});
    EXPECT_TRUE(open_identified(temporary.path(), found->identity));
    const Identity other{.device = found->identity.device, .inode = found->identity.inode + 1};
    EXPECT_EQ(open_identified(temporary.path(), other).error().code, Errc::not_found);
}

TEST(Observation, SeesNothingElse) {
    const tests::TemporaryDirectory temporary;
    const auto file = temporary.path() / "file";
    std::ofstream(file) << "x";
    EXPECT_FALSE(observe(file, "WCMP"));
    EXPECT_FALSE(observe(temporary.path() / "missing", "WCMP"));
    EXPECT_EQ(open_identified(temporary.path() / "missing", {}).error().code, Errc::not_found);
}

TEST(Observation, FileSystemsHaveTheirNames) {
    EXPECT_EQ(to_string(file_system_kind(MSDOS_SUPER_MAGIC)), "vfat");
    EXPECT_EQ(to_string(file_system_kind(EXFAT_SUPER_MAGIC)), "exfat");
    EXPECT_EQ(to_string(file_system_kind(EXT4_SUPER_MAGIC)), "ext4");
    EXPECT_EQ(to_string(file_system_kind(TMPFS_MAGIC)), "other");
    EXPECT_EQ(to_string(Kind::directory), "directory");
    EXPECT_EQ(to_string(Kind::desktop), "desktop");
    EXPECT_EQ(to_string(Kind::mountd), "mountd");
}

}  // namespace
}  // namespace wcmp::drives
