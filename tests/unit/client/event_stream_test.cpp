#include "client/event_stream.h"

#include "scripted_relay.h"

#include <sstream>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

using test::answer;
using test::ScriptedRelay;

std::string chunk(const std::string& text) {
    std::ostringstream size;
    size << std::hex << text.size();
    return size.str() + "\r\n" + text + "\r\n";
}

std::string stream(const std::vector<std::string>& chunks, bool ends = false) {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const auto& piece : chunks) text += chunk(piece);
    return ends ? text + "0\r\n\r\n" : text;
}

std::string type_of(const Result<boost::json::value>& event) {
    return event ? std::string(event->at("type").as_string()) : describe(event.error());
}

TEST(EventStream, LinesAreEventsHoweverTheyAreCut) {
    ScriptedRelay relay(
        {{stream({R"({"type":"drive.)", "added\"}\n{\"type\":\"drive.done\"}\n{", "\"type\":\"x\"}\n"})}});
    auto events = EventStream::open(relay.socket());
    ASSERT_TRUE(events) << describe(events.error());
    EXPECT_EQ(type_of(events->next()), "drive.added");
    EXPECT_EQ(type_of(events->next()), "drive.done");
    EXPECT_EQ(type_of(events->next()), "x");
    EXPECT_TRUE(relay.requests().at(0).starts_with("GET /v1/events HTTP/1.1\r\nHost: wcmp\r\n"));
}

TEST(EventStream, ALongEventComesWhole) {
    const auto event = R"({"type":")" + std::string(20'000, 'a') + "\"}\n";
    ScriptedRelay relay({{stream({event})}});
    auto events = EventStream::open(relay.socket());
    ASSERT_TRUE(events);
    EXPECT_EQ(type_of(events->next()).size(), 20'000U);
}

TEST(EventStream, TheEndOfTheStreamIsARelayThatHasGone) {
    for (const auto& [bytes, closes] : {std::pair{stream({"{\"type\":\"a\"}\n"}, true), false},
                                        std::pair{stream({"{\"type\":\"a\"}\n"}), true}}) {
        ScriptedRelay relay({{.bytes = bytes, .closes = closes}});
        auto events = EventStream::open(relay.socket());
        ASSERT_TRUE(events);
        EXPECT_EQ(type_of(events->next()), "a");
        const auto end = events->next();
        ASSERT_FALSE(end);
        EXPECT_EQ(end.error().code, Errc::remote);
    }
}

TEST(EventStream, WhatIsNoStreamOfEventsIsRefused) {
    ScriptedRelay relay({{answer(404, "{}")}});
    EXPECT_EQ(EventStream::open(relay.socket()).error().code, Errc::remote);
}

TEST(EventStream, WhatIsNoEventIsRefused) {
    for (const auto& [piece, what] :
         {std::pair{std::string("this is no JSON\n"), "an event of the relay is not JSON"},
          std::pair{std::string(100'000, 'a'), "an event of the relay is too long"}}) {
        ScriptedRelay relay({{stream({piece})}});
        auto events = EventStream::open(relay.socket());
        ASSERT_TRUE(events);
        EXPECT_EQ(events->next().error().what, what);
    }
}

TEST(EventStream, WithoutARelayThereIsNone) {
    EXPECT_EQ(EventStream::open("/nowhere/api.sock").error().code, Errc::remote);
    EXPECT_EQ(EventStream::open(std::string(200, 'a')).error().code, Errc::remote);
}

}  // namespace
}  // namespace wcmp::client
