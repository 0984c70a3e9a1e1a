// The event stream: what comes, when nothing comes, and how it ends.
#include "unit/api/server_fixture.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace wcmp::api::test {
namespace {

class EventsTest : public ServerTest {
protected:
    std::unique_ptr<RawClient> watcher(const std::string& query = "") {
        auto client = std::make_unique<RawClient>(socket_path());
        client->send(request_text("GET /v1/events" + query));
        const auto head = client->read_head();
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.field("content-type"), "application/x-ndjson");
        EXPECT_EQ(head.field("cache-control"), "no-store");
        return client;
    }
};

TEST_F(EventsTest, EventsComeAsTheyHappen) {
    start();
    const auto client = watcher();
    on_server([&] {
        service_.say(R"({"cursor":"1","type":"drive.added"})");
        service_.say(R"({"cursor":"2","type":"drive.done"})");
    });
    EXPECT_EQ(client->read_chunk(), "{\"cursor\":\"1\",\"type\":\"drive.added\"}\n");
    EXPECT_EQ(client->read_chunk(), "{\"cursor\":\"2\",\"type\":\"drive.done\"}\n");
}

TEST_F(EventsTest, RememberedEventsComeFirst) {
    start();
    service_.remembered = {R"({"cursor":"4","type":"warning"})"};
    EXPECT_EQ(watcher("?after=3")->read_chunk(), "{\"cursor\":\"4\",\"type\":\"warning\"}\n");
    const auto old = ask(request_text("GET /v1/events?after=old"));
    EXPECT_EQ(old.status, 410);
    EXPECT_EQ(code_of(old), "cursor_expired");
}

TEST_F(EventsTest, HeartbeatsCarryTheCursor) {
    start({.heartbeat = milliseconds(30)});
    const auto client = watcher();
    EXPECT_EQ(client->read_chunk(), "{\"type\":\"heartbeat\"}\n");
    on_server([&] { service_.say(R"({"cursor":"7","type":"warning"})"); });
    auto line = client->read_chunk();
    while (line.contains("heartbeat")) line = client->read_chunk();
    EXPECT_EQ(boost::json::parse(client->read_chunk()),
              boost::json::parse(R"({"type":"heartbeat","cursor":"7"})"));
    EXPECT_EQ(boost::json::parse(watcher("?after=6")->read_chunk()),
              boost::json::parse(R"({"type":"heartbeat","cursor":"6"})"));
}

TEST_F(EventsTest, WhoVanishesIsForgottenAtOnce) {
    start();
    auto client = watcher();
    EXPECT_TRUE(becomes_true([&] { return service_.watchers.size() == 1; }));
    client.reset();
    EXPECT_TRUE(becomes_true([&] { return service_.watchers.empty(); }));
}

TEST_F(EventsTest, WhoDoesNotKeepUpIsDisconnected) {
    start({.idle_time = milliseconds(300), .event_backlog_bytes_max = 64 << 10});
    const auto client = watcher();
    const auto event = R"({"cursor":"1","type":")" + std::string(1000, 'x') + "\"}";
    for (int round = 0; round < 20; ++round)
        on_server([&] {
            for (int i = 0; i < 50; ++i) service_.say(event);
        });
    EXPECT_TRUE(becomes_true([&] { return service_.watchers.empty(); }));
    EXPECT_TRUE(client->is_closed_within(seconds(10)));
}

TEST_F(EventsTest, StoppingEndsTheStreamProperly) {
    start();
    const auto client = watcher();
    std::promise<void> done;
    on_server([&] {
        service_.say(R"({"cursor":"9","type":"warning"})");
        server_->stop([&] { done.set_value(); });
    });
    EXPECT_EQ(client->read_chunk(), "{\"cursor\":\"9\",\"type\":\"warning\"}\n");
    EXPECT_EQ(client->read_chunk(), "");
    EXPECT_TRUE(client->is_closed_within(seconds(5)));
    EXPECT_EQ(done.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_F(EventsTest, WhoTalksDuringTheStreamStillHasIt) {
    start({.heartbeat = milliseconds(30)});
    const auto client = watcher();
    client->send(request_text("GET /v1"));
    EXPECT_EQ(client->read_chunk(), "{\"type\":\"heartbeat\"}\n");
    EXPECT_EQ(client->read_chunk(), "{\"type\":\"heartbeat\"}\n");
    client->close();
    EXPECT_TRUE(becomes_true([&] { return service_.watchers.empty(); }));
}

}  // namespace
}  // namespace wcmp::api::test
