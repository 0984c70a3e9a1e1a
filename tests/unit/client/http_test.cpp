#include "client/http.h"

#include "scripted_relay.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

using test::answer;
using test::ScriptedRelay;

std::string body_text(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST(Http, AsksAndIsAnsweredOnOneConnection) {
    ScriptedRelay relay({{answer(200, "one", "Wcmp-Cursor: c7\r\n")}, {answer(404, "")}});
    Http http(relay.socket());
    const auto first = http.exchange({.target = "/a", .accept = "x/y", .range = std::pair(3, 9)});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->status, 200U);
    EXPECT_EQ(first->cursor, "c7");
    EXPECT_EQ(body_text(first->body), "one");
    const Bytes body = {'b', 'o', 'd', 'y'};
    const auto second =
        http.exchange({.method = Method::post, .target = "/b", .content_type = "t/t", .body = body});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, 404U);
    const auto requests = relay.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_TRUE(requests[0].starts_with("GET /a HTTP/1.1\r\nHost: wcmp\r\n"));
    EXPECT_NE(requests[0].find("Range: bytes=3-9\r\n"), std::string::npos);
    EXPECT_NE(requests[0].find("Accept: x/y\r\n"), std::string::npos);
    EXPECT_TRUE(requests[1].starts_with("POST /b HTTP/1.1\r\n"));
    EXPECT_TRUE(requests[1].ends_with("\r\n\r\nbody"));
}

TEST(Http, AnEmptyBodyHasALengthToo) {
    ScriptedRelay relay({{answer(200, "{}")}});
    ASSERT_TRUE(Http(relay.socket()).exchange({.method = Method::post, .target = "/v1/fold"}));
    EXPECT_NE(relay.requests()[0].find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(Http, AHeadHasALengthAndNoBody) {
    ScriptedRelay relay({{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}, {answer(204, "")}});
    Http http(relay.socket());
    const auto head =
        http.exchange({.method = Method::head, .target = "/a", .patience = std::chrono::seconds(20)});
    ASSERT_TRUE(head);
    EXPECT_TRUE(head->body.empty());
    EXPECT_TRUE(http.exchange({.target = "/b"}));
}

TEST(Http, ConnectsAgainWhenTheRelayHasClosed) {
    ScriptedRelay relay({{answer(200, "one"), true}, {answer(200, "two")}});
    Http http(relay.socket());
    ASSERT_TRUE(http.exchange({.target = "/a"}));
    const auto second = http.exchange({.target = "/b"});
    ASSERT_TRUE(second);
    EXPECT_EQ(body_text(second->body), "two");
}

TEST(Http, NobodyAnswers) {
    EXPECT_EQ(Http("/nowhere/api.sock").exchange({.target = "/"}).error().code, Errc::remote);
    EXPECT_EQ(Http(std::string(200, 'x')).exchange({.target = "/"}).error().code, Errc::remote);
}

TEST(Http, RefusesWhatIsNotAWholeAnswer) {
    for (const std::string bytes :
         {"", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
        ScriptedRelay relay({{bytes, true}});
        const auto result = Http(relay.socket()).exchange({.target = "/"});
        ASSERT_FALSE(result) << bytes;
        EXPECT_EQ(result.error().code, Errc::remote) << bytes;
    }
}

TEST(Http, BoundsTheAnswer) {
    ScriptedRelay relay({{answer(200, "12345")}, {answer(200, "12345")}});
    Http http(relay.socket());
    EXPECT_TRUE(http.exchange({.target = "/", .answer_bytes_max = 5}));
    EXPECT_EQ(http.exchange({.target = "/", .answer_bytes_max = 4}).error().code, Errc::too_large);
}

TEST(Http, DoesNotWaitForEver) {
    ScriptedRelay relay({});
    const auto result = Http(relay.socket()).exchange({.target = "/", .patience = std::chrono::seconds(1)});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::remote);
}

}  // namespace
}  // namespace wcmp::client
