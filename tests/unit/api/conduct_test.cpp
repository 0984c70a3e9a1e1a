// How connections are treated: bodies, limits, limits, malformed heads.
#include "unit/api/server_fixture.h"

#include <boost/json/parse.hpp>
namespace wcmp::api::test {
namespace {

class ConductTest : public ServerTest {};

TEST_F(ConductTest, OneConnectionServesManyRequests) {
    start();
    RawClient client(socket_path());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.ask(request_text("GET /v1")).status, 200);
        EXPECT_EQ(client.ask(post_text("/v1/messages", message_type, "abc")).status, 201);
        EXPECT_EQ(client.ask(request_text("GET /nothing")).status, 404);
    }
}

TEST_F(ConductTest, PipelinedRequestsAreAnsweredInOrder) {
    start();
    RawClient client(socket_path());
    client.send(request_text("GET /nothing") + post_text("/v1/messages", message_type, "abc") +
                request_text("GET /v1"));
    EXPECT_EQ(client.read().status, 404);
    EXPECT_EQ(client.read().status, 201);
    EXPECT_EQ(client.read().status, 200);
}

TEST_F(ConductTest, AHeadIsAnsweredWithoutABodyWhateverIsWrong) {
    start();
    RawClient client(socket_path());
    const std::pair<std::string, unsigned> wrong[] = {
        {"HEAD /v1/messages/xyz", 400}, {"HEAD /v1/status", 405}, {"HEAD /nothing", 404}};
    for (const auto& [line, status] : wrong) {
        const auto response = client.ask(request_text(line), true);
        EXPECT_EQ(response.status, status) << line;
        EXPECT_NE(response.field("content-length"), "0") << line;
        EXPECT_EQ(client.ask(request_text("GET /v1")).status, 200) << "what followed " << line;
    }
}

TEST_F(ConductTest, AHeadMayComeByteByByte) {
    start();
    RawClient client(socket_path());
    for (const char c : post_text("/v1/messages", message_type, "abc")) client.send({&c, 1});
    EXPECT_EQ(client.read().status, 201);
}

TEST_F(ConductTest, ConnectionCloseIsObeyed) {
    start();
    RawClient client(socket_path());
    const auto response = client.ask(request_text("GET /v1", "Connection: close\r\n"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("connection"), "close");
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
}

TEST_F(ConductTest, ChunkedBodiesAreTaken) {
    start();
    const auto text = request_text("POST /v1/messages", "Transfer-Encoding: chunked\r\n",
                                   "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
    RawClient client(socket_path());
    EXPECT_EQ(client.ask(text).status, 201);
    EXPECT_EQ(client.ask(request_text("GET /v1")).status, 200);
    EXPECT_EQ(on_server([&] { return service_.messages.begin()->second.size(); }), 5u);
}

TEST_F(ConductTest, MalformedChunksAreRefused) {
    start();
    RawClient client(socket_path());
    const auto response =
        client.ask(request_text("POST /v1/messages", "Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n"));
    EXPECT_EQ(code_of(response), "malformed_request");
    client.finish_sending();
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
}

TEST_F(ConductTest, ExpectIsAnswered) {
    start();
    RawClient client(socket_path());
    client.send(request_text("POST /v1/messages", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
    EXPECT_EQ(client.read().status, 100);
    client.send("abc");
    EXPECT_EQ(client.read().status, 201);
    EXPECT_EQ(client.ask(request_text("GET /v1")).status, 200);
}

TEST_F(ConductTest, ExpectIsNotAnsweredForABodyThatIsNotWanted) {
    start();
    RawClient client(socket_path());
    const auto response =
        client.ask(request_text("POST /v1/messages", "Content-Length: 5000\r\nExpect: 100-continue\r\n"));
    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(code_of(response), "too_large");
    EXPECT_EQ(boost::json::parse(response.body).at("limit").to_number<int>(), 4096);
    EXPECT_EQ(response.field("connection"), "close");
}

TEST_F(ConductTest, ALargeBodyIsReadOffAndAnswered) {
    start();
    RawClient client(socket_path());
    EXPECT_TRUE(client.send(post_text("/v1/messages", message_type, std::string(20'000'000, 'x'))));
    EXPECT_EQ(code_of(client.read()), "too_large");
    client.finish_sending();
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
}

TEST_F(ConductTest, ALargeChunkedBodyIsReadOffAndAnswered) {
    start();
    RawClient client(socket_path());
    client.send(request_text("POST /v1/messages", "Transfer-Encoding: chunked\r\n"));
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(client.send("10000\r\n" + std::string(65536, 'x') + "\r\n"));
    EXPECT_TRUE(client.send("0\r\n\r\n"));
    EXPECT_EQ(code_of(client.read()), "too_large");
}

TEST_F(ConductTest, ReadingOffHasAnEnd) {
    start({.drain_bytes_max = 1 << 20});
    RawClient client(socket_path());
    EXPECT_FALSE(client.send(post_text("/v1/messages", message_type, std::string(20'000'000, 'x'))));
    EXPECT_EQ(code_of(client.read()), "too_large");
}

TEST_F(ConductTest, APostWithoutALengthIsRefused) {
    start();
    for (const auto* target : {"POST /v1/messages", "POST /v1/messages/fetch", "POST /v1/bundles"}) {
        const auto response = ask(request_text(target));
        EXPECT_EQ(response.status, 411) << target;
        EXPECT_EQ(code_of(response), "length_required");
    }
}

TEST_F(ConductTest, AnUnwantedBodyDoesNotBecomeARequest) {
    start();
    RawClient client(socket_path());
    const auto smuggled = request_text("GET /v1");
    const auto text = request_text("GET /v1/status",
                                   "Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled);
    const auto response = client.ask(text);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("connection"), "close");
    EXPECT_EQ(client.read().status, 0);
}

TEST_F(ConductTest, MalformedHeadsAreAnsweredAndTheConnectionCloses) {
    start({.drain_time = milliseconds(50)});
    const std::string many_lines = [] {
        std::string fields;
        for (int i = 0; i < 64; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
        return fields;
    }();
    const std::string heads[] = {
        "GET /v1 HTTP/1.1\nHost: x\n\n",
        "GET /v1 HTTP/1.1\r\nHost: x\n\r\n",
        "GET /v1 HTTP/1.1\rHost: x\r\n\r\n",
        "\r\nGET /v1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1 HTTP/1.0\r\nHost: x\r\n\r\n",
        "GET  /v1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://x/v1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "G(T /v1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /v1 HTTP/1.1\r\n\r\n",
        request_text("GET /v1", "Host: y\r\n"),
        request_text("GET /v1", " folded: y\r\n"),
        request_text("GET /v1", "X: y\r\n folded\r\n"),
        request_text("GET /v1", "X : y\r\n"),
        request_text("GET /v1", "no colon\r\n"),
        request_text("GET /v1", "X: a\x01z\r\n"),
        request_text("GET /v1", std::string("X: a\0z\r\n", 8)),
        request_text("GET /v1", many_lines),
        request_text("GET /v1", "X: " + std::string(9000, 'y') + "\r\n"),
        request_text("POST /v1/fold", "Content-Length: 0\r\nContent-Length: 0\r\n"),
        request_text("POST /v1/fold", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
        request_text("POST /v1/fold", "Content-Length: +1\r\n", "x"),
        request_text("POST /v1/fold", "Content-Length: 0x1\r\n", "x"),
        request_text("POST /v1/fold", "Content-Length: 1, 1\r\n", "x"),
        request_text("POST /v1/fold", "Content-Length: 99999999999999999999\r\n", "x"),
        request_text("POST /v1/fold", "Transfer-Encoding: gzip, chunked\r\n"),
        request_text("POST /v1/fold", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        request_text("POST /v1/fold", "Transfer-Encoding: xchunked\r\n"),
    };
    for (const auto& head : heads) {
        RawClient client(socket_path());
        const auto response = client.ask(head);
        EXPECT_EQ(response.status, 400) << head;
        EXPECT_EQ(code_of(response), "malformed_request") << head;
        EXPECT_EQ(response.field("connection"), "close") << head;
        EXPECT_TRUE(client.is_closed_within(seconds(5))) << head;
    }
}

}  // namespace
}  // namespace wcmp::api::test
