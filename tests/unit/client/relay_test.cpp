#include "client/relay.h"

#include "client/remote_file.h"
#include "scripted_relay.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

using test::answer;
using test::json_answer;
using test::problem;
using test::ScriptedRelay;

TEST(Relay, SaysWhatTheRelaySaid) {
    const std::vector<std::pair<unsigned, Errc>> expected = {
        {400, Errc::invalid},   {404, Errc::not_found}, {409, Errc::busy},  {410, Errc::expired},
        {413, Errc::too_large}, {422, Errc::refused},   {429, Errc::busy},  {500, Errc::remote},
        {503, Errc::busy},      {507, Errc::no_space},  {301, Errc::remote}};
    for (const auto& [status, code] : expected) {
        ScriptedRelay scripted({{problem(status, "some_code")}, {json_answer(201, "{}")}});
        Relay relay(scripted.socket());
        const auto result = relay.enqueue({});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code) << status;
        EXPECT_EQ(relay.problem().status, status);
        EXPECT_EQ(relay.problem().code, "some_code");
        EXPECT_EQ(relay.problem().detail, "why");
        EXPECT_TRUE(relay.enqueue({}));
        EXPECT_EQ(relay.problem().status, 0U);
    }
}

TEST(Relay, AProblemNeedNotBeJson) {
    ScriptedRelay scripted({{answer(500, "oops")}, {answer(500, "[]")}, {answer(500, R"({"code":7})")}});
    Relay relay(scripted.socket());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(relay.fold().error().code, Errc::remote);
        EXPECT_EQ(relay.problem().status, 500U);
        EXPECT_EQ(relay.problem().code, "");
    }
}

TEST(Relay, TellsTheDay) {
    ScriptedRelay scripted({{json_answer(200, R"({"clock":{"today":"2027-03-01","trust":"system"}})")},
                            {json_answer(200, R"({"clock":{"today":"1970-01-02","trust":"none"}})")},
                            {json_answer(200, R"({"clock":{"today":"soon"}})")},
                            {json_answer(200, R"({"clock":7})")},
                            {json_answer(200, "{}")},
                            {json_answer(200, "[]")},
                            {json_answer(200, "{")}});
    Relay relay(scripted.socket());
    const auto trusted = relay.today();
    ASSERT_TRUE(trusted);
    EXPECT_EQ(trusted->day, Day{20'878});
    EXPECT_TRUE(trusted->trusted);
    const auto believed = relay.today();
    ASSERT_TRUE(believed);
    EXPECT_EQ(believed->day, Day{1});
    EXPECT_FALSE(believed->trusted);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(relay.today().error().code, Errc::remote) << i;
}

TEST(Relay, TellsItsLimits) {
    ScriptedRelay scripted(
        {{json_answer(200, R"({"limits":{"message_bytes_max":5000,"lifetime_days_max":28}})")},
         {json_answer(200, R"({"limits":{"message_bytes_max":5000}})")},
         {json_answer(200, R"({"limits":7})")},
         {json_answer(200, "{}")}});
    Relay relay(scripted.socket());
    const auto limits = relay.limits();
    ASSERT_TRUE(limits);
    EXPECT_EQ(limits->message_bytes_max, 5000U);
    EXPECT_EQ(limits->lifetime_days_max, 28U);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(relay.limits().error().code, Errc::remote) << i;
}

TEST(Relay, TellsWhatBecameOfAnUpload) {
    ScriptedRelay scripted(
        {{json_answer(200, R"({"imported":3,"known":2,"refused":{"store_full":7},"invalid":{"E_SIZE":1}})")},
         {json_answer(200, R"({"imported":3,"known":2,"refused":7,"invalid":{}})")},
         {json_answer(200, R"({"imported":3,"known":2,"refused":{"store_full":"x"},"invalid":{}})")},
         {json_answer(200, R"({"imported":-3,"known":2,"refused":{},"invalid":{}})")},
         {json_answer(200, "{}")},
         {answer(200, "")}});
    Relay relay(scripted.socket());
    const auto uploaded = relay.upload({});
    ASSERT_TRUE(uploaded);
    EXPECT_EQ(uploaded->imported, 3U);
    EXPECT_EQ(uploaded->known, 2U);
    EXPECT_EQ(uploaded->refused.at("store_full"), 7U);
    EXPECT_EQ(uploaded->invalid.at("E_SIZE"), 1U);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(relay.upload({}).error().code, Errc::remote) << i;
}

TEST(Relay, KnowsWhatItHolds) {
    ScriptedRelay scripted({{answer(200, "")}, {answer(404, "")}, {answer(500, "")}});
    Relay relay(scripted.socket());
    EXPECT_TRUE(relay.holds({}).value());
    EXPECT_FALSE(relay.holds({}).value());
    EXPECT_EQ(relay.holds({}).error().code, Errc::remote);
    EXPECT_TRUE(scripted.requests()[0].starts_with("HEAD /v1/messages/" + std::string(64, '0') + " "));
}

TEST(Relay, ACursorCannotChangeTheQuery) {
    ScriptedRelay scripted({{answer(200, "", "Wcmp-Cursor: next\r\n")}});
    Relay relay(scripted.socket());
    const auto part = relay.recognition("a&limit=1 \r\nX: y", 7);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->cursor, "next");
    EXPECT_TRUE(scripted.requests()[0].starts_with(
        "GET /v1/recognition?wait=7&after=a%26limit%3d1%20%0d%0aX%3a%20y HTTP/1.1\r\n"));
}

TEST(Relay, FetchesWhatWasAskedForAndNothingElse) {
    using namespace std::string_literals;
    ScriptedRelay scripted({{answer(200, "\0\0\0\2ab\0\0\0\0"s)},
                            {answer(200, "\0\0\0\2ab"s)},
                            {answer(200, "\0\0\0\0\0\0\0\0x"s)},
                            {answer(200, "\xff\0\0\0\0\0\0\0"s)},
                            {answer(200, std::string(100, '\0'))}});
    Relay relay(scripted.socket());
    const std::vector<MessageId> ids(2);
    const auto messages = relay.fetch(ids, 2);
    ASSERT_TRUE(messages);
    EXPECT_EQ((*messages)[0], (Bytes{'a', 'b'}));
    EXPECT_TRUE((*messages)[1].empty());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(relay.fetch(ids, 2).error().code, Errc::remote) << i;
    EXPECT_EQ(relay.fetch(ids, 2).error().code, Errc::too_large);
}

TEST(RemoteFile, ReadsWithinItsSize) {
    ScriptedRelay scripted({{answer(206, "cde")}, {answer(206, "j")}});
    Relay relay(scripted.socket());
    const RemoteFile file(relay, "name", 10);
    EXPECT_EQ(file.status()->size, 10U);
    Bytes buffer(3);
    EXPECT_EQ(file.read_at(2, buffer).value(), 3U);
    EXPECT_EQ(buffer, (Bytes{'c', 'd', 'e'}));
    EXPECT_EQ(file.read_at(9, buffer).value(), 1U);
    EXPECT_EQ(file.read_at(10, buffer).value(), 0U);
    EXPECT_EQ(file.read_at(99, buffer).value(), 0U);
    const auto requests = scripted.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_NE(requests[0].find("GET /v1/bundles/name HTTP/1.1\r\n"), std::string::npos);
    EXPECT_NE(requests[0].find("Range: bytes=2-4\r\n"), std::string::npos);
    EXPECT_NE(requests[1].find("Range: bytes=9-9\r\n"), std::string::npos);
    EXPECT_EQ(file.map(0, 1).error().code, Errc::unsupported);
    EXPECT_TRUE(file.no_writer().value());
}

TEST(RemoteFile, RefusesWhatIsNotThatPart) {
    ScriptedRelay scripted({{answer(206, "c")},
                            {answer(200, "abc")},
                            {answer(206, "abcd")},
                            {problem(416, "range_not_satisfiable")},
                            {problem(404, "not_found")}});
    Relay relay(scripted.socket());
    const RemoteFile file(relay, "name", 10);
    Bytes buffer(3);
    EXPECT_EQ(file.read_at(2, buffer).error().code, Errc::remote);
    EXPECT_EQ(file.read_at(2, buffer).error().code, Errc::remote);
    EXPECT_EQ(file.read_at(2, buffer).error().code, Errc::too_large);
    EXPECT_EQ(file.read_at(2, buffer).error().code, Errc::remote);
    EXPECT_EQ(file.read_at(2, buffer).error().code, Errc::not_found);
}

}  // namespace
}  // namespace wcmp::client
