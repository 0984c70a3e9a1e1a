#include "node/timers.h"

#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using std::chrono::seconds;

struct Fixture : testing::Test {
    boost::asio::io_context io;
    ManualClock clock;
    Timers timers{io, clock};
    int calls = 0;
    Timers::Slot slot = timers.add([this] { ++calls; });
};
using TimersTest = Fixture;

TEST_F(TimersTest, CallsOnceWhenDue) {
    timers.in(slot, seconds(10));
    timers.run_due();
    EXPECT_EQ(calls, 0);
    clock.advance(seconds(10));
    timers.run_due();
    timers.run_due();
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(timers.set(slot));
}

TEST_F(TimersTest, TheEarlierOfTwoTimesStays) {
    timers.at_latest(slot, seconds(10));
    timers.at_latest(slot, seconds(20));
    clock.advance(seconds(10));
    timers.run_due();
    EXPECT_EQ(calls, 1);
    timers.at_latest(slot, seconds(40));
    timers.at_latest(slot, seconds(30));
    clock.advance(seconds(20));
    timers.run_due();
    EXPECT_EQ(calls, 2);
}

TEST_F(TimersTest, ACancelledOneIsNotCalled) {
    timers.in(slot, seconds(1));
    timers.cancel(slot);
    clock.advance(seconds(2));
    timers.run_due();
    EXPECT_EQ(calls, 0);
}

TEST_F(TimersTest, ACallMaySetItselfAgain) {
    const auto again = timers.add([this] { timers.in(slot, seconds(0)); });
    timers.in(again, seconds(0));
    timers.run_due();
    timers.run_due();
    EXPECT_EQ(calls, 1);
}

TEST_F(TimersTest, TheSystemsTimerWakesIt) {
    timers.in(slot, std::chrono::milliseconds(1));
    clock.boot += seconds(1);
    io.run_one();
    EXPECT_EQ(calls, 1);
}

TEST_F(TimersTest, NothingAfterStop) {
    timers.in(slot, seconds(0));
    timers.stop();
    timers.run_due();
    io.run();
    EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace wcmp::node
