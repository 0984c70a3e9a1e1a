#include "node/worker.h"

#include "node/home.h"

#include <latch>

#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

TEST(Worker, DoesOneThingAfterTheOther) {
    std::vector<int> done;
    {
        Worker worker;
        for (int i = 0; i < 100; ++i) worker.post([&done, i] { done.push_back(i); });
    }
    ASSERT_EQ(done.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(Worker, TakesWorkFromItsOwnThread) {
    std::latch second(1);
    Worker worker;
    worker.post([&] { worker.post([&] { second.count_down(); }); });
    second.wait();
}

TEST(Home, ResultsArriveOnTheThreadOfTheContext) {
    boost::asio::io_context io;
    Home home(io);
    Worker worker;
    const auto here = std::this_thread::get_id();
    std::thread::id worked, arrived;
    home.run(
        worker, [&] { return worked = std::this_thread::get_id(); },
        [&](std::thread::id) { arrived = std::this_thread::get_id(); });
    const auto guard = boost::asio::make_work_guard(io);
    while (arrived == std::thread::id{}) io.run_one();
    EXPECT_EQ(arrived, here);
    EXPECT_NE(worked, here);
}

TEST(Home, IsIdleWhenEverythingCameBack) {
    boost::asio::io_context io;
    Home home(io);
    Worker worker;
    bool first_done = false;
    bool second_done = false;
    bool idle = false;
    home.run(
        worker, [] { return 0; },
        [&](int) {
            first_done = true;  // and this brings more
            home.run(worker, [] { return 0; }, [&](int) { second_done = true; });
        });
    home.when_idle([&] {
        EXPECT_TRUE(first_done && second_done);
        idle = true;
    });
    const auto guard = boost::asio::make_work_guard(io);
    while (!idle) io.run_one();
}

TEST(Home, SaysSoWhenNothingWasOut) {
    boost::asio::io_context io;
    Home home(io);
    bool idle = false;
    home.when_idle([&] { idle = true; });
    EXPECT_FALSE(idle) << "never from inside the call";
    io.run();
    EXPECT_TRUE(idle);
}

}  // namespace
}  // namespace wcmp::node
