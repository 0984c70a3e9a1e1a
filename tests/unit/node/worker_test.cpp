#include "node/worker.h"

#include "node/home.h"
#include "node/write_turn.h"

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

TEST(WriteTurn, OneAtATimeAndWhoeverNeedNotDoesNotWait) {
    int freed = 0;
    WriteTurn turn([&freed] { ++freed; });
    ASSERT_TRUE(turn.try_take());
    EXPECT_FALSE(turn.try_take());
    turn.give_back();
    EXPECT_EQ(freed, 1);
    EXPECT_TRUE(turn.take({}, std::make_shared<ImportTicket>()).has_value());
    EXPECT_FALSE(turn.try_take());
}

TEST(WriteTurn, WhoHasItForAMomentIsKnown) {
    WriteTurn turn([] {});
    ASSERT_TRUE(turn.take_briefly({}).has_value());
    EXPECT_TRUE(turn.is_held_briefly());
    EXPECT_FALSE(turn.try_take());
    turn.give_back();
    EXPECT_FALSE(turn.is_held_briefly());
    ASSERT_TRUE(turn.take({}, nullptr).has_value());
    EXPECT_FALSE(turn.is_held_briefly());
    turn.give_back();
}

TEST(WriteTurn, AWaitingOneGetsIt) {
    WriteTurn turn([] {});
    ASSERT_TRUE(turn.try_take());
    Result<void> got = fail(Errc::internal, "not asked yet");
    {
        Worker worker;
        worker.post([&] { got = turn.take({}, std::make_shared<ImportTicket>()); });
        turn.give_back();
    }
    EXPECT_TRUE(got.has_value());
}

TEST(WriteTurn, AWaitingOneIsStopped) {
    WriteTurn turn([] {});
    ASSERT_TRUE(turn.try_take());
    std::stop_source stop;
    Result<void> got{};
    {
        Worker worker;
        worker.post([&] { got = turn.take(stop.get_token(), std::make_shared<ImportTicket>()); });
        stop.request_stop();
    }
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, Errc::cancelled);
}

TEST(WriteTurn, IsTakenAwayFromWhoeverHangs) {
    int freed = 0;
    WriteTurn turn([&freed] { ++freed; });
    const auto hanging = std::make_shared<ImportTicket>();
    ASSERT_TRUE(turn.take({}, hanging));
    EXPECT_TRUE(hanging->act([] { return Result<void>{}; }));
    EXPECT_TRUE(turn.take_away(hanging));
    EXPECT_EQ(freed, 1);

    const auto next = std::make_shared<ImportTicket>();
    ASSERT_TRUE(turn.take({}, next));
    bool changed = false;
    const auto refused = hanging->act([&]() -> Result<void> {
        changed = true;
        return {};
    });
    EXPECT_EQ(refused.error().code, Errc::cancelled);
    EXPECT_FALSE(changed);
    turn.give_back(hanging);  // of a turn that is another's by now
    EXPECT_EQ(freed, 1);
    EXPECT_FALSE(turn.try_take());
    turn.give_back(next);
    EXPECT_TRUE(turn.try_take());
}

TEST(WriteTurn, IsNotTakenAwayInTheMiddleOfAChange) {
    WriteTurn turn([] {});
    const auto ticket = std::make_shared<ImportTicket>();
    ASSERT_TRUE(turn.take({}, ticket));
    Worker other;
    std::latch asked(1);
    bool taken = true;
    ASSERT_TRUE(ticket->act([&]() -> Result<void> {
        other.post([&] {
            taken = turn.take_away(ticket);
            asked.count_down();
        });
        asked.wait();
        return {};
    }));
    EXPECT_FALSE(taken);
    EXPECT_TRUE(turn.take_away(ticket));
}

TEST(WriteTurn, AVoidTicketOfSomebodyWhoWaitsEndsNobodysTurn) {
    WriteTurn turn([] {});
    ASSERT_TRUE(turn.try_take());
    EXPECT_TRUE(turn.take_away(std::make_shared<ImportTicket>()));
    EXPECT_FALSE(turn.try_take());
}

}  // namespace
}  // namespace wcmp::node
