// Who has the store's turn, and who comes next.
#include "node/write_turn.h"

#include "node/worker.h"

#include <atomic>
#include <latch>
#include <semaphore>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

TEST(WriteTurn, OneAtATimeAndWhoeverNeedNotDoesNotWait) {
    int freed = 0;
    WriteTurn turn([&freed] { ++freed; });
    ASSERT_TRUE(turn.try_take(ShortWork::fold));
    EXPECT_FALSE(turn.try_take(ShortWork::repair));
    turn.forget(ShortWork::repair);
    EXPECT_EQ(freed, 0);
    turn.give_back();
    EXPECT_EQ(freed, 1);
    EXPECT_TRUE(turn.take({}, std::make_shared<ImportTicket>()).has_value());
    EXPECT_FALSE(turn.try_take(ShortWork::fold));
}

TEST(WriteTurn, WhoHasItForAMomentIsKnown) {
    WriteTurn turn([] {});
    ASSERT_TRUE(turn.take_briefly({}).has_value());
    EXPECT_TRUE(turn.is_held_briefly());
    EXPECT_FALSE(turn.try_take(ShortWork::fold));
    turn.give_back();
    EXPECT_TRUE(turn.is_held_briefly()) << "by the fold, which is about to come";
    turn.forget(ShortWork::fold);
    EXPECT_FALSE(turn.is_held_briefly());
    ASSERT_TRUE(turn.take({}, nullptr).has_value());
    EXPECT_FALSE(turn.is_held_briefly());
    turn.give_back();
}

TEST(WriteTurn, AWaitingOneGetsIt) {
    WriteTurn turn([] {});
    ASSERT_TRUE(turn.try_take(ShortWork::fold));
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
    ASSERT_TRUE(turn.try_take(ShortWork::fold));
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
    EXPECT_FALSE(turn.try_take(ShortWork::fold));
    turn.give_back(next);
    EXPECT_TRUE(turn.try_take(ShortWork::fold));
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
    ASSERT_TRUE(turn.try_take(ShortWork::fold));
    EXPECT_TRUE(turn.take_away(std::make_shared<ImportTicket>()));
    EXPECT_FALSE(turn.try_take(ShortWork::fold));
}

// Waits until somebody else waits, too.
void until_waiting(const WriteTurn& turn, std::size_t count) {
    while (turn.waiting() < count) std::this_thread::yield();
}

TEST(WriteTurn, GoesRoundInTheOrderInWhichTheyCame) {
    std::counting_semaphore freed(0);
    WriteTurn turn([&] { freed.release(); });
    ASSERT_TRUE(turn.take_briefly({}).has_value());
    std::vector<std::string> order;  // written by whoever has the turn
    const auto come_and_go = [&](const char* name) {
        const auto ticket = std::make_shared<ImportTicket>();
        EXPECT_TRUE(turn.take({}, ticket).has_value());
        order.emplace_back(name);
        turn.give_back(ticket);
    };
    Worker first, second;
    first.post([&] { come_and_go("an importer"); });
    until_waiting(turn, 1);
    EXPECT_FALSE(turn.try_take(ShortWork::fold));
    EXPECT_FALSE(turn.try_take(ShortWork::fold)) << "noted once, however often it tries";
    second.post([&] { come_and_go("another importer"); });
    until_waiting(turn, 3);
    EXPECT_FALSE(turn.try_take(ShortWork::repair));
    turn.give_back();
    while (!turn.try_take(ShortWork::fold)) freed.acquire();
    order.emplace_back("the fold");
    EXPECT_FALSE(turn.try_take(ShortWork::repair));
    turn.give_back();
    while (!turn.try_take(ShortWork::repair)) freed.acquire();
    order.emplace_back("the repair");
    turn.give_back();
    EXPECT_EQ(order, (std::vector<std::string>{"an importer", "the fold", "another importer", "the repair"}));
}

// What took its turns without a pause kept every fold out.
TEST(WriteTurn, WhoTakesItAgainAndAgainLetsOthersInBetween) {
    WriteTurn turn([] {});
    const auto ticket = std::make_shared<ImportTicket>();
    ASSERT_TRUE(turn.take({}, ticket).has_value());
    EXPECT_FALSE(turn.try_take(ShortWork::fold));
    turn.give_back(ticket);
    Worker again;
    again.post([&] {
        ASSERT_TRUE(turn.take({}, ticket).has_value());
        turn.give_back(ticket);
    });
    until_waiting(turn, 2);
    EXPECT_TRUE(turn.is_held_briefly()) << "the fold is about to have it";
    EXPECT_TRUE(turn.try_take(ShortWork::fold));
    EXPECT_EQ(turn.waiting(), 1u);
    turn.give_back();
}

TEST(WriteTurn, WhoWasNotedAndDoesNotComeHoldsUpNobody) {
    for (const bool at_the_end : {false, true}) {
        int freed = 0;
        WriteTurn turn([&freed] { ++freed; });
        ASSERT_TRUE(turn.try_take(ShortWork::fold));
        EXPECT_FALSE(turn.try_take(ShortWork::expiry));
        EXPECT_FALSE(turn.try_take(ShortWork::repair));
        turn.give_back();
        EXPECT_FALSE(turn.try_take(ShortWork::repair)) << "not before the other one";
        at_the_end ? turn.forget_all() : turn.forget(ShortWork::expiry);
        EXPECT_GE(freed, 2) << "the next one is told";
        EXPECT_EQ(turn.waiting(), at_the_end ? 0u : 1u);
        EXPECT_TRUE(turn.try_take(ShortWork::repair));
        EXPECT_FALSE(turn.try_take(ShortWork::fold));
        EXPECT_EQ(turn.waiting(), at_the_end ? 0u : 1u) << "at the end nobody is noted";
        turn.give_back();
        turn.forget(ShortWork::repair);  // nothing to forget
        EXPECT_TRUE(turn.try_take(ShortWork::fold));
    }
}

TEST(WriteTurn, WhoIsStoppedWhileWaitingLeavesNoGap) {
    std::counting_semaphore freed(0);
    WriteTurn turn([&] { freed.release(); });
    ASSERT_TRUE(turn.try_take(ShortWork::repair));
    std::stop_source stop;
    Result<void> got{};
    {
        Worker worker;
        worker.post([&] { got = turn.take(stop.get_token(), std::make_shared<ImportTicket>()); });
        until_waiting(turn, 1);
        EXPECT_FALSE(turn.try_take(ShortWork::fold));
        stop.request_stop();
    }
    EXPECT_FALSE(got.has_value());
    turn.give_back();
    EXPECT_TRUE(turn.try_take(ShortWork::fold));
}

// Importers that come again and again, some of which are stopped, and a fold that tries whenever it is told.
TEST(WriteTurn, NobodyIsForgottenInACrowd) {
    constexpr int rounds = 300;
    std::counting_semaphore freed(0);
    WriteTurn turn([&] { freed.release(); });
    std::atomic<int> inside = 0;
    const auto alone = [&] {
        EXPECT_EQ(inside.fetch_add(1), 0);
        inside.fetch_sub(1);
    };
    const auto import_often = [&] {
        for (int i = 0; i < rounds; ++i) {
            std::stop_source stop;
            if (i % 7 == 0) stop.request_stop();
            const auto ticket = std::make_shared<ImportTicket>();
            if (!turn.take(stop.get_token(), ticket)) continue;
            alone();
            turn.give_back(ticket);
        }
    };
    int folds = 0;
    {
        Worker first, second, third;
        for (auto* worker : {&first, &second, &third}) worker->post(import_often);
        while (folds < rounds) {
            while (!turn.try_take(ShortWork::fold)) freed.acquire();
            alone();
            ++folds;
            turn.give_back();
        }
    }
    EXPECT_EQ(folds, rounds);
    EXPECT_EQ(turn.waiting(), 0u);
    EXPECT_TRUE(turn.try_take(ShortWork::fold));
}

}  // namespace
}  // namespace wcmp::node
