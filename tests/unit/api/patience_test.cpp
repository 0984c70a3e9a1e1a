// Where the server's patience ends: slow clients, crowds, its own end.
#include "unit/api/server_fixture.h"

#include <sys/resource.h>
#include <unistd.h>

namespace wcmp::api::test {
namespace {

class PatienceTest : public ServerTest {};

TEST_F(PatienceTest, ASlowHeadIsCut) {
    start({.head_time = milliseconds(100)});
    RawClient client(socket_path());
    client.send("GET /v1 HT");
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
    EXPECT_EQ(client.read().status, 0);
}

TEST_F(PatienceTest, AHeadThatDripsIsCut) {
    start({.head_time = milliseconds(150)});
    RawClient client(socket_path());
    const auto begun = std::chrono::steady_clock::now();
    while (client.send("G") && !client.is_closed_within(milliseconds(20)) &&
           std::chrono::steady_clock::now() - begun < seconds(5)) {
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(4));
}

TEST_F(PatienceTest, AnIdleConnectionIsClosed) {
    start({.head_time = seconds(10), .idle_time = milliseconds(100)});
    RawClient client(socket_path());
    EXPECT_EQ(client.ask(request_text("GET /v1")).status, 200);
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
}

TEST_F(PatienceTest, ASlowBodyIsCut) {
    start({.body_grace = milliseconds(100), .body_rate_min = 1'000'000});
    RawClient client(socket_path());
    client.send(request_text("POST /v1/messages", "Content-Length: 1000\r\n", "only this"));
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
    EXPECT_TRUE(on_server([&] { return service_.messages.empty(); }));
}

TEST_F(PatienceTest, ABodyThatEndsEarlyIsNotTaken) {
    start();
    RawClient client(socket_path());
    client.send(request_text("POST /v1/messages", "Content-Length: 1000\r\n", "only this"));
    client.finish_sending();
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
    EXPECT_TRUE(on_server([&] { return service_.messages.empty(); }));
}

TEST_F(PatienceTest, TooManyConnectionsOfOneUserAreTurnedAway) {
    start({.drain_time = milliseconds(100), .connections_per_uid_max = 2});
    auto first = std::make_unique<RawClient>(socket_path());
    RawClient second(socket_path());
    EXPECT_EQ(first->ask(request_text("GET /v1")).status, 200);
    EXPECT_EQ(second.ask(request_text("GET /v1")).status, 200);
    RawClient third(socket_path());
    const auto refused = third.read();
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(code_of(refused), "too_many_connections");
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_TRUE(third.is_closed_within(seconds(5)));

    first.reset();
    bool served = false;
    for (int i = 0; i < 500 && !served; ++i) served = ask(request_text("GET /v1")).status == 200;
    EXPECT_TRUE(served);
}

TEST_F(PatienceTest, TooManyConnectionsAtAllAreTurnedAway) {
    start({.connections_max = 1, .operator_reserve = 0});
    RawClient first(socket_path());
    EXPECT_EQ(first.ask(request_text("GET /v1")).status, 200);
    RawClient second(socket_path());
    const auto refused = second.ask(request_text("GET /v1"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(code_of(refused), "too_many_connections");
}

TEST_F(PatienceTest, ACrowdThatDoesNotReadIsNotAllToldWhy) {
    start({.connections_per_uid_max = 1});
    RawClient first(socket_path());
    EXPECT_EQ(first.ask(request_text("GET /v1")).status, 200);
    std::vector<std::unique_ptr<RawClient>> crowd;
    for (int i = 0; i < 17; ++i) crowd.push_back(std::make_unique<RawClient>(socket_path()));
    EXPECT_EQ(crowd.back()->read().status, 0);
    EXPECT_EQ(crowd.front()->read().status, 429);
}

// Takes every descriptor that the process may have but one, which the client needs.
TEST_F(PatienceTest, WithoutDescriptorsTheClientWaits) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizers look at memory through pipes, for which there would be no descriptors";
#endif
    start({.accept_pause = milliseconds(20)});
    EXPECT_EQ(ask(request_text("GET /v1")).status, 200);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    auto low = before;
    low.rlim_cur = 256;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    std::vector<int> taken;
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken.push_back(fd);
    ASSERT_FALSE(taken.empty());
    ::close(taken.back());
    taken.pop_back();
    RawClient starved(socket_path());
    starved.send(request_text("GET /v1"));
    EXPECT_FALSE(starved.is_closed_within(milliseconds(100)));
    for (const int fd : taken) ::close(fd);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(starved.read().status, 200);
}

TEST_F(PatienceTest, StoppingAnswersWhatIsInFlight) {
    start();
    RawClient idle(socket_path());
    EXPECT_EQ(idle.ask(request_text("GET /v1")).status, 200);
    RawClient busy(socket_path());
    on_server([&] { service_.holds = true; });
    busy.send(post_text("/v1/messages", message_type, "abc"));
    ASSERT_TRUE(becomes_true([&] { return !service_.held.empty(); }));
    RawClient halfway(socket_path());
    halfway.send("GET /v1 HTTP/1.1\r\nHo");
    EXPECT_FALSE(halfway.is_closed_within(milliseconds(50)));

    std::promise<void> done;
    on_server([&] { server_->stop([&] { done.set_value(); }); });
    EXPECT_TRUE(idle.is_closed_within(seconds(5)));
    EXPECT_FALSE(std::filesystem::exists(socket_path()));
    halfway.send("st: x\r\n\r\n");
    const auto refused = halfway.read();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(code_of(refused), "stopping");
    EXPECT_EQ(refused.field("retry-after"), "5");
    on_server([&] { service_.release(); });
    const auto answered = busy.read();
    EXPECT_EQ(answered.status, 201);
    EXPECT_EQ(answered.field("connection"), "close");
    EXPECT_EQ(done.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_F(PatienceTest, StoppingDoesNotWaitForEver) {
    start({.stop_time = milliseconds(100)});
    RawClient client(socket_path());
    client.send(request_text("POST /v1/messages", "Content-Length: 1000\r\n", "only this"));
    EXPECT_FALSE(client.is_closed_within(milliseconds(50)));
    std::promise<void> done;
    on_server([&] { server_->stop([&] { done.set_value(); }); });
    EXPECT_EQ(done.get_future().wait_for(seconds(5)), std::future_status::ready);
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
}

}  // namespace
}  // namespace wcmp::api::test
