#include "io/memory.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::io {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

Bytes filled(std::size_t size, std::uint8_t value) {
    return Bytes(size, value);
}

Bytes contents(const Directory& directory, std::string_view name) {
    const auto file = directory.open(name).value();
    Bytes bytes(file->status().value().size);
    EXPECT_TRUE(read_exactly(*file, 0, bytes));
    return bytes;
}

std::vector<std::string> names(const Directory& directory) {
    std::vector<std::string> found;
    EXPECT_TRUE(directory.list([&](std::string_view name) { found.emplace_back(name); }));
    return found;
}

void write_synced(Directory& directory, std::string_view name, ByteView bytes) {
    auto file = directory.create(name).value();
    ASSERT_TRUE(file->write_at(0, bytes));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(directory.sync());
}

// What is left of an unsynced change, over many seeds.
template <class Outcome>
std::set<Outcome> outcomes(const std::function<Outcome(std::uint64_t seed)>& run) {
    std::set<Outcome> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) seen.insert(run(seed));
    return seen;
}

TEST(MemoryFileSystem, KeepsWhatWasSynced) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        write_synced(*root, "a", filled(3000, 7));
        files.power_cut();
        EXPECT_EQ(contents(*files.root(), "a"), filled(3000, 7));
    }
}

TEST(MemoryFileSystem, UnsyncedSectorsSurviveInAnySubset) {
    const auto seen = outcomes<Bytes>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        write_synced(*root, "a", filled(1024, 1));
        auto file = root->open_for_writing("a").value();
        EXPECT_TRUE(file->write_at(0, filled(1024, 2)));
        EXPECT_EQ(contents(*root, "a"), filled(1024, 2));
        files.power_cut();
        const auto left = contents(*files.root(), "a");
        return Bytes{left.at(0), left.at(511), left.at(512), left.at(1023)};
    });
    EXPECT_THAT(seen,
                ElementsAre(Bytes{1, 1, 1, 1}, Bytes{1, 1, 2, 2}, Bytes{2, 2, 1, 1}, Bytes{2, 2, 2, 2}));
}

TEST(MemoryFileSystem, AnyVersionOfASectorMaySurvive) {
    const auto seen = outcomes<Bytes>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        write_synced(*root, "a", filled(1, 1));
        auto file = root->open_for_writing("a").value();
        EXPECT_TRUE(file->write_at(0, filled(1, 2)));
        EXPECT_TRUE(file->write_at(0, filled(1, 3)));
        files.power_cut();
        return contents(*files.root(), "a");
    });
    EXPECT_THAT(seen, ElementsAre(Bytes{1}, Bytes{2}, Bytes{3}));
}

TEST(MemoryFileSystem, SizeMaySurviveWithoutContents) {
    const auto seen = outcomes<Bytes>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        auto file = root->create("a").value();
        EXPECT_TRUE(root->sync());
        EXPECT_TRUE(file->write_at(0, filled(4, 9)));
        files.power_cut();
        return contents(*files.root(), "a");
    });
    EXPECT_THAT(seen, ElementsAre(Bytes{}, Bytes{0, 0, 0, 0}, Bytes{9, 9, 9, 9}));
}

TEST(MemoryFileSystem, NamesNeedTheDirectorysSync) {
    const auto seen = outcomes<std::vector<std::string>>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        write_synced(*root, "old", filled(1, 1));
        EXPECT_TRUE(root->create("new").value()->sync());
        EXPECT_TRUE(root->unlink("old"));
        EXPECT_THAT(names(*root), ElementsAre("new"));
        files.power_cut();
        return names(*files.root());
    });
    using Names = std::vector<std::string>;
    EXPECT_THAT(seen, UnorderedElementsAre(Names{}, Names{"new"}, Names{"old"}, Names{"new", "old"}));
}

TEST(MemoryFileSystem, ARenameMayLoseOrDoubleTheNameButNotTheTarget) {
    const auto seen = outcomes<std::pair<bool, std::uint8_t>>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        write_synced(*root, "state", filled(1, 1));
        write_synced(*root, "state.new", filled(1, 2));
        EXPECT_TRUE(root->rename("state.new", "state"));
        files.power_cut();
        auto after = files.root();
        return std::pair(after->open("state.new").has_value(), contents(*after, "state").at(0));
    });
    EXPECT_EQ(seen.size(), 4u);
}

TEST(MemoryFileSystem, SyncFileSystemKeepsEverything) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        ASSERT_TRUE(root->make_directory("below"));
        auto below = root->open_directory("below").value();
        ASSERT_TRUE(below->create("a").value()->write_at(0, filled(600, 5)));
        ASSERT_TRUE(root->sync_file_system());
        files.power_cut();
        EXPECT_EQ(contents(*files.root()->open_directory("below").value(), "a"), filled(600, 5));
    }
}

TEST(MemoryFileSystem, AFailedSyncLosesDataForGoodWhileLaterSyncsLie) {
    const auto seen = outcomes<std::uint8_t>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        write_synced(*root, "a", filled(1, 1));
        auto file = root->open_for_writing("a").value();
        EXPECT_TRUE(file->write_at(0, filled(1, 2)));
        files.fail_at(files.steps());
        EXPECT_EQ(file->sync().error().code, Errc::io);
        EXPECT_EQ(contents(*root, "a"), filled(1, 2));  // the cache shows it still
        EXPECT_TRUE(file->sync());                      // and this says that all is well
        EXPECT_TRUE(root->sync_file_system());
        files.power_cut();
        return contents(*files.root(), "a").at(0);
    });
    EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST(MemoryFileSystem, AFailedDirectorySyncLosesNamesForGood) {
    const auto seen = outcomes<bool>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        EXPECT_TRUE(root->create("a"));
        files.fail_at(files.steps());
        EXPECT_FALSE(root->sync());
        EXPECT_TRUE(root->sync());
        files.power_cut();
        return files.root()->open("a").has_value();
    });
    EXPECT_EQ(seen.size(), 2u);
}

// A commit as it must not be: header first, one sync at the end. The file system has to tell it from the
// right one, or the fault tests of the bundle code prove nothing.
bool survives(std::uint64_t seed, std::uint64_t cut_after, bool header_last) {
    MemoryFileSystem files(seed);
    auto root = files.root();
    const auto body = filled(4096, 1);
    const auto header = filled(64, 2);
    files.fail_at(cut_after, {.lasts = Fault::Lasts::all});
    const auto commit = [&]() -> Result<void> {
        WCMP_ASSIGN(auto file, root->create("b"));
        if (!header_last) WCMP_TRY(file->write_at(0, header));
        WCMP_TRY(file->write_at(64, body));
        WCMP_TRY(file->sync());
        if (header_last) {
            WCMP_TRY(file->write_at(0, header));
            WCMP_TRY(file->sync());
        }
        return root->sync();
    };
    const bool acknowledged = commit().has_value();
    files.power_cut();
    const auto file = files.root()->open("b");
    if (!file) return !acknowledged;
    Bytes found((*file)->status().value().size);
    EXPECT_TRUE(read_exactly(**file, 0, found));
    const bool has_header = found.size() >= 64 && std::equal(header.begin(), header.end(), found.begin());
    if (!has_header) return !acknowledged;
    return std::ranges::equal(ByteView(found).subspan(64), body);
}

TEST(MemoryFileSystem, TellsAProtocolThatSyncsFromOneThatDoesNot) {
    int broken = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed)
        for (std::uint64_t step = 0; step <= 7; ++step) {
            EXPECT_TRUE(survives(seed, step, true)) << "seed " << seed << ", step " << step;
            broken += survives(seed, step, false) ? 0 : 1;
        }
    EXPECT_GT(broken, 100);
}

TEST(MemoryFileSystem, AFaultHitsOneCall) {
    MemoryFileSystem files;
    auto root = files.root();
    files.fail_at(files.steps() + 1, {.os_error = ENOSPC});
    ASSERT_TRUE(root->create("a"));
    EXPECT_EQ(root->create("b").error().code, Errc::no_space);
    EXPECT_TRUE(root->create("b"));
}

TEST(MemoryFileSystem, AFaultOfWritesLastsAndLeavesReading) {
    MemoryFileSystem files;
    auto root = files.root();
    write_synced(*root, "a", filled(5, 1));
    files.fail_at(files.steps(), {.lasts = Fault::Lasts::writes});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(root->create("b").error().code, Errc::io);
    EXPECT_EQ(contents(*root, "a"), filled(5, 1));
    files.clear_faults();
    EXPECT_TRUE(root->create("b"));
}

TEST(MemoryFileSystem, ADeadDriveAnswersNothing) {
    MemoryFileSystem files;
    auto root = files.root();
    write_synced(*root, "a", filled(5, 1));
    auto file = root->open("a").value();
    files.fail_at(files.steps(), {.lasts = Fault::Lasts::all});
    EXPECT_FALSE(root->sync());
    Bytes into(5);
    EXPECT_EQ(file->read_at(0, into).error().code, Errc::io);
    EXPECT_FALSE(file->status());
    EXPECT_FALSE(file->map(0, 1));
    EXPECT_FALSE(file->no_writer());
    EXPECT_FALSE(root->open("a"));
    EXPECT_FALSE(root->list([](std::string_view) {}));
    EXPECT_FALSE(root->space());
    EXPECT_FALSE(root->lock());
}

TEST(MemoryFileSystem, AReadFaultHitsTheNumberedRead) {
    MemoryFileSystem files;
    auto root = files.root();
    write_synced(*root, "a", filled(5, 1));
    auto file = root->open("a").value();
    Bytes into(5);
    files.fail_read_at(files.reads() + 1);
    EXPECT_TRUE(file->read_at(0, into));
    EXPECT_EQ(file->read_at(0, into).error().code, Errc::io);
    EXPECT_TRUE(file->read_at(0, into));
    files.fail_read_at(files.reads(), {.lasts = Fault::Lasts::all});
    EXPECT_FALSE(file->read_at(0, into));
    EXPECT_FALSE(file->status());
    EXPECT_FALSE(root->create("b"));
}

TEST(MemoryFileSystem, AFailedWriteMayBeShort) {
    const auto seen = outcomes<std::size_t>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        auto file = root->create("a").value();
        files.fail_at(files.steps());
        EXPECT_FALSE(file->write_at(0, filled(3, 1)));
        return contents(*root, "a").size();
    });
    EXPECT_THAT(seen, ElementsAre(0u, 1u, 2u, 3u));
}

TEST(MemoryFileSystem, AFailedWriteWithinASectorIsAllOrNothing) {
    const auto seen = outcomes<Bytes>([](std::uint64_t seed) {
        MemoryFileSystem files(seed);
        auto root = files.root();
        auto file = root->create("a").value();
        EXPECT_TRUE(file->write_at(0, filled(4, 1)));
        files.fail_at(files.steps());
        EXPECT_FALSE(file->write_at(1, filled(3, 2)));
        return contents(*root, "a");
    });
    EXPECT_THAT(seen, ElementsAre(Bytes{1, 1, 1, 1}, Bytes{1, 2, 2, 2}));
}

TEST(MemoryFileSystem, EveryChangingCallIsAStep) {
    MemoryFileSystem files;
    auto root = files.root();
    EXPECT_EQ(files.steps(), 0u);
    auto file = root->create("a").value();
    EXPECT_TRUE(file->write_at(0, filled(1, 1)));
    EXPECT_TRUE(file->start_writeback(0, 1));
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(file->sync_data());
    EXPECT_TRUE(file->set_constant_times());
    EXPECT_TRUE(root->create_unnamed());
    EXPECT_TRUE(root->make_directory("d"));
    EXPECT_TRUE(root->rename("a", "b"));
    EXPECT_TRUE(root->unlink("b"));
    EXPECT_TRUE(root->sync());
    EXPECT_TRUE(root->sync_file_system());
    EXPECT_TRUE(root->set_constant_times());
    EXPECT_EQ(files.steps(), 13u);
    EXPECT_EQ(files.reads(), 0u);
}

TEST(MemoryFileSystem, WhatWasOpenIsDeadAfterAPowerCut) {
    MemoryFileSystem files;
    auto root = files.root();
    auto file = root->create("a").value();
    auto lock = root->lock().value();
    ASSERT_TRUE(root->sync());
    files.power_cut();
    EXPECT_EQ(file->sync().error().code, Errc::io);
    EXPECT_FALSE(root->create("b"));
    auto after = files.root();
    auto again = after->lock();
    EXPECT_TRUE(again);
    auto writer = after->open_for_writing("a");
    EXPECT_TRUE(writer);
    lock.reset();  // must not free what is held since
    file.reset();
    EXPECT_EQ(after->lock().error().code, Errc::busy);
    EXPECT_EQ(after->open_for_writing("a").error().code, Errc::busy);
}

TEST(MemoryFileSystem, AFullMediumTakesWhatFits) {
    MemoryFileSystem files;
    files.set_capacity(2048);
    auto root = files.root();
    auto file = root->create("a").value();
    EXPECT_EQ(file->write_at(0, filled(3000, 1)).error().code, Errc::no_space);
    EXPECT_EQ(contents(*root, "a").size(), 2048u);
    EXPECT_EQ(root->space().value().free_bytes, 0u);
    EXPECT_EQ(root->space().value().total_bytes, 2048u);
    EXPECT_TRUE(file->write_at(100, filled(100, 2)));  // what is there may be overwritten
    EXPECT_EQ(root->create("b").error().code, Errc::no_space);
    EXPECT_EQ(root->make_directory("b").error().code, Errc::no_space);
    file.reset();
    ASSERT_TRUE(root->unlink("a"));
    EXPECT_EQ(root->space().value().free_bytes, 2048u);
}

TEST(MemoryFileSystem, AReadOnlyMediumReads) {
    MemoryFileSystem files;
    auto root = files.root();
    write_synced(*root, "a", filled(3, 1));
    files.set_read_only(true);
    EXPECT_EQ(contents(*root, "a"), filled(3, 1));
    EXPECT_TRUE(root->space().value().read_only);
    EXPECT_EQ(root->create("b").error().code, Errc::read_only);
    EXPECT_EQ(root->open_for_writing("a").error().code, Errc::read_only);
    EXPECT_EQ(root->unlink("a").error().code, Errc::read_only);
}

}  // namespace
}  // namespace wcmp::io
