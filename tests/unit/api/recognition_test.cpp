// Recognition over HTTP: both forms, cursors, and waiting for what has not come yet.
#include "unit/api/server_fixture.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace wcmp::api::test {
namespace {

std::string text_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

class RecognitionTest : public ServerTest {
protected:
    RecognitionTest() { start({.idle_time = seconds(5)}); }

    Response get(const std::string& query, const std::string& accept = "*/*") {
        return ask(request_text("GET /v1/recognition" + query, "Accept: " + accept + "\r\n"));
    }

    // A long poll that has reached the node.
    std::unique_ptr<RawClient> waiting_client(const std::string& query = "?wait=30") {
        auto client = std::make_unique<RawClient>(socket_path());
        client->send(request_text("GET /v1/recognition" + query));
        EXPECT_TRUE(becomes_true([&] { return service_.arrival_calls.size() == 1; }));
        return client;
    }
};

TEST_F(RecognitionTest, RecordsComeAsTheyAre) {
    service_.records = {known_record(1, 20'600), unknown_record(2, 20'601)};
    const auto response = get("");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("content-type"), "application/vnd.wcmp.recognition");
    EXPECT_EQ(response.field("wcmp-cursor"), "2");
    EXPECT_EQ(response.body, text_of(service_.records[0]) + text_of(service_.records[1]));
}

TEST_F(RecognitionTest, ACursorAndALimitGoOn) {
    service_.records = {known_record(1, 20'600), known_record(2, 20'601), known_record(3, 20'602)};
    const auto first = get("?limit=2");
    EXPECT_EQ(first.field("wcmp-cursor"), "2");
    const auto second = get("?limit=2&after=" + first.field("wcmp-cursor"));
    EXPECT_EQ(second.body, text_of(service_.records[2]));
    const auto third = get("?after=" + second.field("wcmp-cursor"));
    EXPECT_EQ(third.status, 200);
    EXPECT_EQ(third.body, "");
    EXPECT_EQ(third.field("wcmp-cursor"), "3");
}

TEST_F(RecognitionTest, LinesHoldTheSameFields) {
    service_.records = {known_record(1, 20'600), unknown_record(2, 20'601)};
    const auto response = get("", "application/x-ndjson");
    EXPECT_EQ(response.field("content-type"), "application/x-ndjson");
    const auto end = response.body.find('\n');
    const auto known = boost::json::parse(response.body.substr(0, end)).as_object();
    EXPECT_EQ(known.at("to_tags").as_array().size(), 4u);
    const auto unknown = boost::json::parse(response.body.substr(end + 1)).as_object();
    EXPECT_EQ(unknown.at("suite").to_number<int>(), 9);
}

TEST_F(RecognitionTest, DaysAreDatesOrNumbers) {
    get("?expires_from=2026-05-27&expires_to=20601");
    EXPECT_EQ(on_server([&] { return service_.last_range.from; }), 20'600u);
    EXPECT_EQ(on_server([&] { return service_.last_range.to; }), 20'601u);
    get("");
    EXPECT_EQ(on_server([&] { return service_.last_range.from; }), 0u);
    EXPECT_EQ(on_server([&] { return service_.last_range.to; }), std::uint64_t{1} << 32);
}

TEST_F(RecognitionTest, WrongParametersAreRefused) {
    for (const auto* query : {"?limit=0", "?limit=100001", "?limit=x", "?limit=", "?wait=61", "?wait=-1",
                              "?wait=1.5", "?expires_from=2026-02-30", "?expires_from=4294967296",
                              "?expires_to=4294967297", "?limit=1&limit=2", "?after=nonsense"})
        EXPECT_EQ(code_of(get(query)), "malformed_request") << query;
    const auto old = get("?after=old");
    EXPECT_EQ(old.status, 410);
    EXPECT_EQ(code_of(old), "cursor_expired");
}

TEST_F(RecognitionTest, AnArrivalEndsTheWait) {
    const auto client = waiting_client();
    on_server([&] { service_.arrive(known_record(1, 20'600)); });
    const auto response = client->read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, text_of(known_record(1, 20'600)));
    EXPECT_TRUE(on_server([&] { return service_.arrival_calls.empty(); }));
    EXPECT_EQ(client->ask(request_text("GET /v1")).status, 200) << "the connection goes on";
}

TEST_F(RecognitionTest, AnArrivalThatIsNotShownDoesNotEndTheWait) {
    const auto client = waiting_client("?wait=1");
    on_server([&] {
        for (auto& call : service_.arrival_calls) call();
    });
    EXPECT_FALSE(client->is_closed_within(milliseconds(50)));
    on_server([&] { service_.arrive(known_record(1, 20'600)); });
    EXPECT_EQ(client->read().body, text_of(known_record(1, 20'600)));
}

TEST_F(RecognitionTest, TheWaitHasAnEnd) {
    const auto begun = std::chrono::steady_clock::now();
    const auto response = get("?wait=1");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.field("wcmp-cursor"), "0");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(990));
}

TEST_F(RecognitionTest, WhoVanishesIsNotWaitedFor) {
    auto client = waiting_client();
    client.reset();
    EXPECT_TRUE(becomes_true([&] { return service_.arrival_calls.empty(); }));
}

TEST_F(RecognitionTest, WhoSendsOnWhileItWaitsIsAnsweredInOrder) {
    const auto client = waiting_client();
    client->send(request_text("GET /v1"));
    EXPECT_FALSE(client->is_closed_within(milliseconds(50)));
    on_server([&] { service_.arrive(known_record(1, 20'600)); });
    EXPECT_EQ(client->read().body, text_of(known_record(1, 20'600)));
    EXPECT_EQ(client->read().field("content-type"), "application/json");
}

TEST_F(RecognitionTest, StoppingEndsTheWait) {
    const auto client = waiting_client();
    std::promise<void> done;
    on_server([&] { server_->stop([&] { done.set_value(); }); });
    const auto response = client->read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.field("connection"), "close");
    EXPECT_EQ(done.get_future().wait_for(seconds(5)), std::future_status::ready);
}

TEST_F(RecognitionTest, BrokenRecordsAreOurFault) {
    service_.records = {Bytes{0, 9, 1}};
    const auto response = get("", "application/x-ndjson");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(code_of(response), "internal");
}

}  // namespace
}  // namespace wcmp::api::test
