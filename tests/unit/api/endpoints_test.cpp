// Every endpoint as a client sees it, and every error code that a request can end in.
#include "core/hex.h"
#include "core/writer.h"
#include "message/identify.h"
#include "unit/api/server_fixture.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace wcmp::api::test {
namespace {

std::string hex_id(std::string_view message) {
    return to_hex(
        message::message_id({reinterpret_cast<const std::uint8_t*>(message.data()), message.size()}).view());
}

boost::json::object parsed(const Response& response) {
    EXPECT_EQ(response.field("content-type"), "application/json");
    return boost::json::parse(response.body).as_object();
}

class EndpointsTest : public ServerTest {
protected:
    EndpointsTest() { start(); }

    std::string enqueue(std::string_view message) {
        const auto response = ask(post_text("/v1/messages", message_type, message));
        EXPECT_EQ(response.status, 201);
        return hex_id(message);
    }

    Response ask_failing(node::Failure failure, std::string_view text) {
        on_server([&] { service_.failure = std::move(failure); });
        auto response = ask(text);
        on_server([&] { service_.failure.reset(); });
        return response;
    }
};

TEST_F(EndpointsTest, VersionNamesEveryLimit) {
    const auto body = parsed(ask(request_text("GET /v1")));
    EXPECT_EQ(body.at("software").as_string(), "wcmpd");
    EXPECT_EQ(body.at("version").as_string(), "1.2.3");
    EXPECT_EQ(body.at("versions").as_array().at(0).as_string(), "v1");
    EXPECT_EQ(body.at("extensions").as_array().at(0).as_string(), "drive_control");
    EXPECT_EQ(body.at("extensions").as_array().at(1).as_string(), "clock_control");
    const auto& limits = body.at("limits").as_object();
    EXPECT_EQ(limits.at("message_bytes_max").to_number<int>(), 4096);
    EXPECT_EQ(limits.at("connections_max").to_number<int>(), 64);
    EXPECT_EQ(limits.at("recognition_records_max").to_number<int>(), 100'000);
    EXPECT_EQ(limits.at("unwanted_body_bytes_max").to_number<int>(), 64 << 20);
    EXPECT_EQ(limits.at("heartbeat_ms").to_number<int>(), 10'000);
}

TEST_F(EndpointsTest, AMessageIsTakenAndGivenBack) {
    const auto response = ask(post_text("/v1/messages", message_type, "sealed bytes"));
    EXPECT_EQ(response.status, 201);
    const auto id = hex_id("sealed bytes");
    EXPECT_EQ(response.field("location"), "/v1/messages/" + id);
    EXPECT_EQ(parsed(response).at("id").as_string(), id);
    EXPECT_EQ(parsed(response).at("expires").as_string(), "2026-05-27");

    const auto got = ask(request_text("GET /v1/messages/" + id));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("content-type"), message_type);
    EXPECT_EQ(got.field("etag"), '"' + id + '"');
    EXPECT_EQ(got.body, "sealed bytes");
}

TEST_F(EndpointsTest, HeadSaysTheLengthAndNothingMore) {
    const auto id = enqueue("sealed bytes");
    RawClient client(socket_path());
    const auto head = client.ask(request_text("HEAD /v1/messages/" + id), true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "12");
    EXPECT_EQ(head.field("etag"), '"' + id + '"');
    const auto missing = client.ask(request_text("HEAD /v1/messages/" + std::string(64, '0')), true);
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(client.ask(request_text("GET /v1")).status, 200) << "a body came after a HEAD";
}

TEST_F(EndpointsTest, AMessageThatTheClientHasIsNotSentAgain) {
    const auto id = enqueue("sealed bytes");
    RawClient client(socket_path());
    const auto same = client.ask(request_text("GET /v1/messages/" + id, "If-None-Match: \"" + id + "\"\r\n"));
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.field("etag"), '"' + id + '"');
    const auto missing =
        client.ask(request_text("GET /v1/messages/" + std::string(64, '0'), "If-None-Match: *\r\n"));
    EXPECT_EQ(code_of(missing), "not_found");
}

TEST_F(EndpointsTest, FetchKeepsTheOrderAndShowsWhatIsMissing) {
    const auto first = enqueue("one");
    const auto second = enqueue("second");
    const auto body =
        R"({"ids":[")" + second + R"(",")" + std::string(64, '0') + R"(",")" + first + R"("],"more":1})";
    const auto response = ask(post_text("/v1/messages/fetch", "application/json; charset=utf-8", body));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("content-type"), "application/vnd.wcmp.messages");
    using namespace std::string_literals;
    EXPECT_EQ(response.body, "\0\0\0\6second\0\0\0\0\0\0\0\3one"s);
}

TEST_F(EndpointsTest, FetchRefusesWhatIsNotAListOfIds) {
    const auto id = '"' + std::string(64, 'a') + '"';
    std::string many = R"({"ids":[)" + id;
    for (int i = 0; i < 1000; ++i) many += "," + id;
    const std::string bodies[] = {"",
                                  "{",
                                  "[]",
                                  "{}",
                                  R"({"ids":1})",
                                  R"({"ids":[1]})",
                                  R"({"ids":["ab"]})",
                                  R"({"ids":[")" + std::string(64, 'A') + R"("]})",
                                  many + "]}"};
    for (const auto& body : bodies) {
        const auto response = ask(post_text("/v1/messages/fetch", "application/json", body));
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_EQ(code_of(response), "malformed_request") << body;
    }
}

TEST_F(EndpointsTest, FetchIsCutWhenTheDiskFails) {
    on_server([&] { service_.failure = node::Failure{.code = Errc::io}; });
    const auto body = R"({"ids":[")" + std::string(64, 'a') + R"("]})";
    RawClient client(socket_path());
    client.send(post_text("/v1/messages/fetch", "application/json", body));
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_chunk(), "");
    EXPECT_TRUE(client.is_closed_within(seconds(10)));
}

TEST_F(EndpointsTest, FoldNeedsNoBody) {
    EXPECT_EQ(ask(request_text("POST /v1/fold")).status, 200);
    EXPECT_EQ(ask(request_text("POST /v1/fold", "Content-Length: 0\r\n")).status, 200);
    EXPECT_EQ(on_server([&] { return service_.folds; }), 2u);
    EXPECT_EQ(code_of(ask_failing({.code = Errc::busy}, request_text("POST /v1/fold"))), "busy");
}

TEST_F(EndpointsTest, WithCoverAFoldWaitsForAVisit) {
    on_server([&] { service_.covered = true; });
    EXPECT_EQ(ask(request_text("POST /v1/fold")).status, 202);
    EXPECT_EQ(on_server([&] { return service_.folds; }), 0u);
}

TEST_F(EndpointsTest, StatusAndDrives) {
    const auto status = parsed(ask(request_text("GET /v1/status")));
    EXPECT_EQ(status.at("state").as_string(), "idle");
    EXPECT_EQ(status.at("expires_first").as_string(), "2026-05-27");
    EXPECT_TRUE(status.at("expires_last").is_null());
    EXPECT_EQ(status.at("clock").at("today").as_string(), "2026-05-27");
    EXPECT_EQ(status.at("refused").at("too_large").to_number<int>(), 4);
    EXPECT_EQ(status.at("evicted").to_number<int>(), 3);
    EXPECT_EQ(status.at("warnings").as_array().at(0).as_string(), "clock_behind");
    EXPECT_EQ(status.at("drives").as_array().size(), 2u);

    const auto drives = boost::json::parse(ask(request_text("GET /v1/drives")).body).as_array();
    EXPECT_EQ(drives.at(0).at("progress").at("phase").as_string(), "import");
    EXPECT_FALSE(drives.at(0).as_object().contains("result"));
    EXPECT_EQ(drives.at(1).at("result").at("refused").at("lifetime").to_number<int>(), 2);
    EXPECT_EQ(drives.at(1).at("result").at("displaced").to_number<int>(), 3);
    EXPECT_EQ(drives.at(1).at("result").at("error").at("code").as_string(), "io");
}

struct Expected {
    Errc code;
    int status;
    std::string_view name;
};

TEST_F(EndpointsTest, WhatTheNodeRefusesHasACode) {
    constexpr Expected expected[] = {
        {Errc::size, 400, "malformed_message"},
        {Errc::order, 400, "malformed_message"},
        {Errc::expired, 410, "expired"},
        {Errc::horizon, 422, "refused"},
        {Errc::refused, 422, "refused"},
        {Errc::too_large, 413, "too_large"},
        {Errc::busy, 409, "busy"},
        {Errc::no_space, 507, "store_full"},
        {Errc::store_failing, 507, "store_failing"},
        {Errc::read_only, 507, "store_failing"},
        {Errc::cancelled, 503, "stopping"},
        {Errc::io, 507, "store_failing"},
        {Errc::internal, 500, "internal"},
    };
    for (const auto& [code, status, name] : expected) {
        const auto response =
            ask_failing({.code = code, .detail = "why"}, post_text("/v1/messages", message_type, "x"));
        EXPECT_EQ(response.status, status) << name;
        EXPECT_EQ(code_of(response), name);
        EXPECT_EQ(boost::json::parse(response.body).at("detail").as_string(), "why");
    }
}

TEST_F(EndpointsTest, ProblemsCarryWhatHelps) {
    const auto text = post_text("/v1/messages", message_type, "x");
    const auto shape = ask_failing({.code = Errc::shape}, text);
    EXPECT_EQ(boost::json::parse(shape.body).at("class").as_string(), "E_SHAPE");
    const auto clock = ask_failing({.code = Errc::refused, .rule = "clock"}, text);
    EXPECT_EQ(boost::json::parse(clock.body).at("rule").as_string(), "clock");
    const auto horizon = ask_failing({.code = Errc::horizon}, text);
    EXPECT_EQ(boost::json::parse(horizon.body).at("rule").as_string(), "lifetime");
    const auto large = ask_failing({.code = Errc::too_large, .limit = 77}, text);
    EXPECT_EQ(boost::json::parse(large.body).at("limit").to_number<int>(), 77);
    const auto full = ask_failing({.code = Errc::no_space, .retry_after = seconds(30)}, text);
    EXPECT_EQ(full.field("retry-after"), "30");
}

TEST_F(EndpointsTest, WrongPathsAndMethods) {
    for (const auto* path :
         {"/", "/v2", "/v1/", "/v1/nothing", "/v1/messages/", "/v1/bundles/a/b", "/v1/bundles/a%2Fb"})
        EXPECT_EQ(code_of(ask(request_text("GET " + std::string(path)))), "not_found") << path;
    const auto wrong = ask(request_text("DELETE /v1/messages/" + std::string(64, 'a')));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(code_of(wrong), "method_not_allowed");
    EXPECT_EQ(wrong.field("allow"), "GET, HEAD");
    EXPECT_EQ(ask(request_text("GET /v1/messages/fetch")).field("allow"), "POST");
    EXPECT_EQ(ask(request_text("PUT /v1/bundles")).field("allow"), "GET, POST");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/messages/abc"))), "malformed_request");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/messages/" + std::string(64, 'G')))), "malformed_request");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/status?a=%zz"))), "malformed_request");
}

TEST_F(EndpointsTest, TypesAreChecked) {
    const auto wrong = ask(post_text("/v1/messages", "application/x-www-form-urlencoded", "x"));
    EXPECT_EQ(wrong.status, 415);
    EXPECT_EQ(code_of(wrong), "unsupported_media_type");
    EXPECT_EQ(code_of(ask(post_text("/v1/messages/fetch", "text/plain", "{}"))), "unsupported_media_type");
    EXPECT_EQ(code_of(ask(post_text("/v1/bundles", "text/plain", "W"))), "unsupported_media_type");
    EXPECT_EQ(ask(request_text("POST /v1/messages", "Content-Length: 1\r\n", "x")).status, 201);

    const auto refused = ask(request_text("GET /v1/status", "Accept: text/html\r\n"));
    EXPECT_EQ(refused.status, 406);
    EXPECT_EQ(code_of(refused), "not_acceptable");
    EXPECT_EQ(ask(request_text("GET /v1/status", "Accept: text/html, */*;q=0.1\r\n")).status, 200);
    EXPECT_EQ(code_of(ask(request_text("GET /v1/recognition", "Accept: application/json\r\n"))),
              "not_acceptable");
}

std::string detail_of(const Response& response) {
    return std::string(boost::json::parse(response.body).at("detail").as_string());
}

TEST_F(EndpointsTest, AListOfTypesMayStandOnSeveralLines) {
    EXPECT_EQ(ask(request_text("GET /v1/status", "Accept: text/html\r\nAccept: */*\r\n")).status, 200);
    EXPECT_EQ(ask(request_text("GET /v1/status", "Accept: text/html\r\nAccept: text/css\r\n")).status, 406);
}

TEST_F(EndpointsTest, EveryProblemSaysWhatWouldDo) {
    const std::pair<std::string, std::string> asked[] = {
        {request_text("PUT /v1/bundles"), "here there is GET, POST"},
        {request_text("GET /v1/status", "Accept: text/html\r\n"), "the answer is application/json"},
        {request_text("GET /v1/recognition", "Accept: text/html\r\n"),
         "the answer is application/vnd.wcmp.recognition or application/x-ndjson"},
        {post_text("/v1/bundles", "text/plain", "W"), "the body is of the type application/vnd.wcmp.bundle"},
        {post_text("/v1/messages", "text/plain", "W"),
         "the body is of the type application/vnd.wcmp.message"},
        {request_text("GET /v1/recognition?limit=0"),
         "the parameter limit must be a whole number from 1 to 100000"},
        {request_text("GET /v1/recognition?wait=61"),
         "the parameter wait must be a whole number from 0 to 60"},
        {request_text("GET /v1/recognition?expires_to=soon"),
         "the parameter expires_to must be a day: 2027-03-01, or the number of days since 1970-01-01"},
        {request_text("POST /v1/messages"), "send Content-Length, or chunks (Transfer-Encoding: chunked)"},
    };
    for (const auto& [text, detail] : asked) EXPECT_EQ(detail_of(ask(text)), detail);
    // Also where the node has no words for it.
    EXPECT_NE(detail_of(ask_failing({.code = Errc::internal}, post_text("/v1/messages", message_type, "x"))),
              "");
}

}  // namespace
}  // namespace wcmp::api::test
