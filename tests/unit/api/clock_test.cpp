// The day, which operators may set, and nobody else.
#include "unit/api/server_fixture.h"

#include <boost/json/parse.hpp>
#include <unistd.h>

namespace wcmp::api::test {
namespace {

class ClockRequests : public ServerTest {
protected:
    Response put(const std::string& body, const std::string& type = "application/json") {
        const auto length = std::to_string(body.size());
        const auto fields = "Content-Type: " + type + "\r\nContent-Length: " + length + "\r\n";
        return ask(request_text("PUT /v1/clock", fields, body));
    }
    std::optional<Day> told() {
        return on_server([this] { return service_.told_day; });
    }
};

TEST_F(ClockRequests, SetTheDay) {
    start();
    const auto answer = put(R"({"today":"2027-03-01"})");
    EXPECT_EQ(answer.status, 200);
    const auto body = boost::json::parse(answer.body);
    EXPECT_EQ(body.at("today").as_string(), "2027-03-01");
    EXPECT_TRUE(body.at("trust").is_string());
    EXPECT_EQ(told(), Day{20'878});
}

TEST_F(ClockRequests, ThatSayNoDayAreRefused) {
    start();
    for (const std::string body :
         {"", "{}", "2027-03-01", R"({"today":20878})", R"({"today":"2027-02-30"})",
          R"({"today":"1969-12-31"})", R"({"today":"tomorrow"})", R"(["2027-03-01"])"}) {
        const auto answer = put(body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(code_of(answer), "malformed_request") << body;
    }
    EXPECT_EQ(put(R"({"today":"2027-03-01"})", "text/plain").status, 415);
    EXPECT_EQ(put(std::string(2000, ' ')).status, 413);
    EXPECT_EQ(told(), std::nullopt);
}

TEST_F(ClockRequests, BelowTheBuildDayAreRefusedByTheRule) {
    start();
    on_server([this] {
        service_.failure = node::Failure{.code = Errc::refused, .detail = "too early", .rule = "clock"};
    });
    const auto answer = put(R"({"today":"1999-01-01"})");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(code_of(answer), "refused");
    EXPECT_EQ(boost::json::parse(answer.body).at("rule").as_string(), "clock");
}

TEST_F(ClockRequests, AreForOperatorsOnly) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    start();
    let_anybody_in();
    act_as(somebody);
    const auto answer = put(R"({"today":"2027-03-01"})");
    act_as(0);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(code_of(answer), "operator_only");
    EXPECT_EQ(told(), std::nullopt);
}

TEST_F(ClockRequests, AreOneMethod) {
    start();
    const auto answer = ask(request_text("GET /v1/clock"));
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.field("allow"), "PUT");
}

}  // namespace
}  // namespace wcmp::api::test
