// The bucket that shares out what a full store still takes in.
#include "store/import_share.h"

#include <gtest/gtest.h>

namespace wcmp::store::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::uint64_t quota = 3200;  // 300 for imports, 100 for messages

struct ShareStep {
    seconds at;
    std::uint64_t draws;  // after which so much is left
    std::uint64_t left;
};

void check_steps(Drawer drawer, std::initializer_list<ShareStep> steps) {
    ImportShare share;
    for (const auto& step : steps) {
        share.draw(drawer, step.draws, quota, step.at);
        EXPECT_EQ(share.available(drawer, quota, step.at), step.left) << step.at.count();
    }
}

TEST(ImportShare, IsFullAtStartAndRefilledEvenly) {
    check_steps(Drawer::imports, {{hours(0), 0, 300},
                                  {hours(0), 300, 0},
                                  {hours(1), 0, 50},
                                  {hours(3), 0, 150},
                                  {hours(3), 100, 50},
                                  {hours(4), 0, 100},
                                  {hours(100), 0, 300},
                                  {hours(100), 0, 300}});
    check_steps(Drawer::messages, {{hours(7), 0, 100}, {hours(7), 40, 60}, {hours(10), 0, 100}});
}

TEST(ImportShare, WhatIsDrawnBeyondItIsADebt) {
    check_steps(Drawer::imports,
                {{hours(0), 900, 0}, {hours(6), 0, 0}, {hours(12), 0, 0}, {hours(15), 0, 150}});
}

TEST(ImportShare, ImportsAndMessagesHaveTheirOwn) {
    ImportShare share;
    share.draw(Drawer::imports, 300, quota, seconds(0));
    EXPECT_EQ(share.available(Drawer::imports, quota, seconds(0)), 0U);
    EXPECT_EQ(share.available(Drawer::messages, quota, seconds(0)), 100U);
}

TEST(ImportShare, AnotherQuotaCountsAtOnce) {
    ImportShare share;
    share.draw(Drawer::imports, 200, quota, seconds(0));
    EXPECT_EQ(share.available(Drawer::imports, 2 * quota, seconds(0)), 400U);
    EXPECT_EQ(share.available(Drawer::imports, quota / 2, seconds(0)), 0U);
}

TEST(ImportShare, TellsHowLongToWait) {
    ImportShare share;
    EXPECT_EQ(share.wait_for(Drawer::messages, 100, quota, seconds(0)), seconds(0));
    share.draw(Drawer::messages, 100, quota, seconds(0));
    EXPECT_EQ(share.wait_for(Drawer::messages, 0, quota, seconds(0)), seconds(0));
    EXPECT_EQ(share.wait_for(Drawer::messages, 50, quota, seconds(0)), hours(3));
    EXPECT_EQ(share.wait_for(Drawer::messages, 50, quota, hours(1)), hours(2));
    EXPECT_EQ(share.wait_for(Drawer::messages, 5000, quota, seconds(0)), hours(6)) << "never more than all";
    for (const auto bytes : {1U, 7U, 33U, 99U}) {
        const auto wait = share.wait_for(Drawer::messages, bytes, quota, seconds(0));
        EXPECT_GE(share.available(Drawer::messages, quota, wait), bytes);
        EXPECT_LT(share.available(Drawer::messages, quota, wait - seconds(1)), bytes);
    }
}

TEST(ImportShare, OnlyWhatIsBeyondTheQuotaIsDrawn) {
    EXPECT_EQ(beyond_quota(0, 100, 100), 0U);
    EXPECT_EQ(beyond_quota(50, 100, 100), 50U);
    EXPECT_EQ(beyond_quota(100, 70, 100), 70U);
    EXPECT_EQ(beyond_quota(900, 70, 100), 70U);
}

}  // namespace
}  // namespace wcmp::store::test
