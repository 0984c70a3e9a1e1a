#include "sync/drive_memory.h"

#include <gtest/gtest.h>

namespace wcmp::sync {
namespace {

using namespace std::chrono_literals;

bundle::Name name_of(std::uint32_t day) {
    return {.first = {day}, .last = {day}};
}

TEST(Distrust, IsOfANameWithASize) {
    Distrust distrust;
    distrust.add(name_of(1), 100);
    distrust.add(name_of(1), 200);
    EXPECT_TRUE(distrust.contains(name_of(1), 100));
    EXPECT_FALSE(distrust.contains(name_of(1), 101));
    EXPECT_FALSE(distrust.contains(name_of(2), 100));
    distrust.remove(name_of(1));
    EXPECT_FALSE(distrust.contains(name_of(1), 100));
    EXPECT_FALSE(distrust.contains(name_of(1), 200));
}

TEST(CheckTurns, LaterTurnsAreLarger) {
    CheckTurns turns;
    EXPECT_EQ(turns.last(name_of(1), 100), 0U);
    turns.note(name_of(1), 100);
    turns.note(name_of(2), 100);
    EXPECT_LT(turns.last(name_of(1), 100), turns.last(name_of(2), 100));
    EXPECT_EQ(turns.last(name_of(1), 99), 0U);
    turns.note(name_of(1), 100);
    EXPECT_GT(turns.last(name_of(1), 100), turns.last(name_of(2), 100));
}

TEST(CheckTurns, RemembersABoundedNumber) {
    CheckTurns turns;
    for (std::uint32_t i = 0; i < 65'537; ++i) turns.note(name_of(i), 1);
    EXPECT_EQ(turns.last(name_of(0), 1), 0U);
    EXPECT_GT(turns.last(name_of(65'536), 1), 0U);
}

TEST(VoidSightings, OnlyWhatStaysTheSameForTenMinutesIsAbandoned) {
    VoidSightings voids;
    const io::FileStatus status{.size = 10, .modified_ns = 5, .changed_ns = 5, .inode = 7, .device = 1};
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 100min));
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 109min));
    EXPECT_TRUE(voids.is_abandoned(name_of(1), status, 110min));
    EXPECT_FALSE(voids.is_abandoned(name_of(2), status, 120min));
}

TEST(VoidSightings, AChangeStartsTheTimeAnew) {
    VoidSightings voids;
    io::FileStatus status{.size = 10, .modified_ns = 5, .changed_ns = 5, .inode = 7, .device = 1};
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 0min));
    status.size = 11;
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 10min));
    status.changed_ns = 6;
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 20min));
    EXPECT_TRUE(voids.is_abandoned(name_of(1), status, 30min));
}

TEST(VoidSightings, FilesOfTheSameNameOnTwoDrivesAreTwo) {
    VoidSightings voids;
    io::FileStatus status{.size = 10, .modified_ns = 5, .changed_ns = 5, .inode = 7, .device = 1};
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 0min));
    status.device = 2;
    EXPECT_FALSE(voids.is_abandoned(name_of(1), status, 10min));
    status.device = 1;
    EXPECT_TRUE(voids.is_abandoned(name_of(1), status, 10min));
}

TEST(VoidSightings, RemembersABoundedNumber) {
    VoidSightings voids;
    const io::FileStatus status{.size = 10};
    for (std::uint32_t i = 0; i < 65'537; ++i) EXPECT_FALSE(voids.is_abandoned(name_of(i), status, 0min));
    EXPECT_FALSE(voids.is_abandoned(name_of(0), status, 10min));  // forgotten, seen anew
    EXPECT_TRUE(voids.is_abandoned(name_of(65'536), status, 10min));
}

}  // namespace
}  // namespace wcmp::sync
