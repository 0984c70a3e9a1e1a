// More than a drive has room for: which messages go, and how many are said to be left out.
#include "meeting.h"

#include <algorithm>
#include <cmath>

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

constexpr std::uint64_t half_of_them = 45'000;  // bytes

// The same relay, and one empty drive after another.
struct SmallDrives {
    SmallDrives() : meeting(77) {
        // Half of them three times as long as the others.
        for (int i = 0; i < 60; ++i)
            for (const std::size_t length : {300U, 900U})
                ours.push_back(bundle::test::sample_message(meeting.random, first_day, length));
        meeting.give_store(ours);
        meeting.settings.drive_bytes_max = half_of_them;
    }

    std::set<MessageKey> give_one() {
        meeting.drive_files = io::MemoryFileSystem(meeting.random.next());
        const auto result = meeting.visit();
        EXPECT_TRUE(result.has_value());
        const auto given = meeting.on_drive();
        EXPECT_EQ(result->exported, given.size());
        EXPECT_EQ(result->not_exported, ours.size() - given.size());
        EXPECT_LE(result->bytes_written_drive, half_of_them + 64);
        return given;
    }

    Meeting meeting;
    std::vector<Sample> ours;
};

TEST(ExportSubset, NoTwoDrivesGetTheSame) {
    SmallDrives drives;
    std::set<std::set<MessageKey>> subsets;
    for (int i = 0; i < 50; ++i) subsets.insert(drives.give_one());
    EXPECT_EQ(subsets.size(), 50u);
}

TEST(ExportSubset, EachMessageHasTheSameChanceWhateverItsLength) {
    SmallDrives drives;
    constexpr double visits = 400;
    std::map<MessageKey, int> times;
    double given = 0;
    for (int i = 0; i < static_cast<int>(visits); ++i)
        for (const auto& key : drives.give_one()) {
            ++times[key];
            ++given;
        }
    const auto chance = given / visits / static_cast<double>(drives.ours.size());
    EXPECT_GT(chance, 0.4);
    const auto deviation = std::sqrt(visits * chance * (1 - chance));
    double short_ones = 0, long_ones = 0;
    for (const auto& message : drives.ours) {
        EXPECT_NEAR(times[message.key], visits * chance, 5 * deviation);
        (message.bytes.size() == 300 ? short_ones : long_ones) += times[message.key];
    }
    EXPECT_NEAR(short_ones / given, 0.5, 0.02);
    EXPECT_NEAR(long_ones / given, 0.5, 0.02);
}

// What one visit left out has its chance at the next.
TEST(ExportSubset, WithMoreRoomTheRestFollows) {
    SmallDrives drives;
    const auto first = drives.give_one();
    drives.meeting.settings.drive_bytes_max = 2 * half_of_them;
    const auto result = drives.meeting.visit();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->not_exported, 0u);
    EXPECT_EQ(result->exported, drives.ours.size() - first.size());
    EXPECT_EQ(drives.meeting.on_drive(), keys(drives.ours));
}

}  // namespace
}  // namespace wcmp::sync::test
