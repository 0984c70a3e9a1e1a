#include "node/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using testing::ElementsAre;

struct EventLogTest : testing::Test {
    boost::asio::io_context io;
    Home home{io};
    EventLog log{home, "0a0b"};
    std::vector<std::string> seen;

    std::unique_ptr<Subscription> watch(const std::string& cursor = "") {
        auto subscribed = log.subscribe(cursor, [this](const std::string& event) { seen.push_back(event); });
        if (!subscribed) {
            ADD_FAILURE() << subscribed.error().detail;
            return nullptr;
        }
        return std::move(*subscribed);
    }
    void settle() {
        io.restart();
        io.run();
    }
    Errc refusal(const std::string& cursor) {
        const auto refused = log.subscribe(cursor, [](const std::string&) {});
        EXPECT_FALSE(refused.has_value());
        return refused ? Errc::internal : refused.error().code;
    }
};

TEST_F(EventLogTest, AnEventIsOneJsonObject) {
    const auto watching = watch();
    log.add(EventText("drive.done")
                .word("drive", "d1")
                .number("imported", 3)
                .counts("refused", {{"a", 1}, {"b", 2}}));
    log.add(EventText("messages.added").number("count", 5).counts("none", {}));
    settle();
    EXPECT_THAT(
        seen,
        ElementsAre(
            R"({"cursor":"0a0b-0","type":"drive.done","drive":"d1","imported":3,"refused":{"a":1,"b":2}})",
            R"({"cursor":"0a0b-1","type":"messages.added","count":5,"none":{}})"));
}

TEST_F(EventLogTest, NothingEndsAStringEarly) {
    const auto watching = watch();
    log.add(EventText("warning").word("code", "a\"b\\c\nd\x80").counts("x", {{"\"", 1}}));
    settle();
    EXPECT_THAT(seen, ElementsAre(R"({"cursor":"0a0b-0","type":"warning","code":"a?b?c?d?","x":{"?":1}})"));
}

TEST_F(EventLogTest, NeverFromInsideACall) {
    const auto watching = watch();
    log.add(EventText("warning"));
    EXPECT_TRUE(seen.empty());
}

TEST_F(EventLogTest, WithoutACursorOnlyNewOnes) {
    log.add(EventText("one"));
    const auto watching = watch();
    log.add(EventText("two"));
    settle();
    EXPECT_THAT(seen, ElementsAre(R"({"cursor":"0a0b-1","type":"two"})"));
}

TEST_F(EventLogTest, ACursorGoesOnAfterItsEvent) {
    for (const auto* type : {"one", "two", "three"}) log.add(EventText(type));
    const auto watching = watch("0a0b-0");
    settle();
    log.add(EventText("four"));
    settle();
    EXPECT_THAT(seen,
                ElementsAre(R"({"cursor":"0a0b-1","type":"two"})", R"({"cursor":"0a0b-2","type":"three"})",
                            R"({"cursor":"0a0b-3","type":"four"})"));
}

TEST_F(EventLogTest, WhoGoesHearsNoMore) {
    auto watching = watch();
    log.add(EventText("one"));
    watching.reset();
    settle();
    EXPECT_TRUE(seen.empty());
}

TEST_F(EventLogTest, AWatcherMayLeaveWhileItIsCalled) {
    std::unique_ptr<Subscription> mine;
    int calls = 0;
    mine = std::move(*log.subscribe("", [&](const std::string&) {
        ++calls;
        mine.reset();
    }));
    log.add(EventText("one"));
    log.add(EventText("two"));
    settle();
    EXPECT_EQ(calls, 1);
}

TEST_F(EventLogTest, OldAndStrangeCursorsAreTold) {
    log.add(EventText("one"));
    EXPECT_EQ(refusal("x"), Errc::invalid);
    EXPECT_EQ(refusal("0a0b-"), Errc::invalid);
    EXPECT_EQ(refusal("0a0b-1x"), Errc::invalid);
    EXPECT_EQ(refusal("0a0b-99999999999999999999"), Errc::invalid);
    EXPECT_EQ(refusal("ffff-0"), Errc::expired) << "another run";
    EXPECT_EQ(refusal("0a0b-1"), Errc::expired) << "not yet";
    for (std::size_t i = 0; i < EventLog::remembered_max + 5; ++i) log.add(EventText("more"));
    EXPECT_EQ(refusal("0a0b-0"), Errc::expired) << "forgotten";
    const auto watching = watch("0a0b-5");
    settle();
    EXPECT_EQ(seen.size(), EventLog::remembered_max);
}

}  // namespace
}  // namespace wcmp::node
