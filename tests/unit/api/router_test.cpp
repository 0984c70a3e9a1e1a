#include "api/router.h"

#include "api/query.h"

#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

const std::string id(64, 'a');

TEST(Router, KnowsEveryEndpoint) {
    const std::tuple<std::string_view, std::string, Endpoint> rows[] = {
        {"GET", "/v1", Endpoint::version},
        {"POST", "/v1/messages", Endpoint::enqueue},
        {"POST", "/v1/messages/fetch", Endpoint::fetch},
        {"GET", "/v1/messages/" + id, Endpoint::message},
        {"HEAD", "/v1/messages/" + id, Endpoint::message},
        {"GET", "/v1/recognition", Endpoint::recognition},
        {"POST", "/v1/fold", Endpoint::fold},
        {"GET", "/v1/bundles", Endpoint::bundles},
        {"POST", "/v1/bundles", Endpoint::upload},
        {"GET", "/v1/bundles/x.wcmp", Endpoint::bundle},
        {"GET", "/v1/status", Endpoint::status},
        {"PUT", "/v1/clock", Endpoint::set_clock},
        {"GET", "/v1/drives", Endpoint::drives},
        {"POST", "/v1/drives/d1/sync", Endpoint::sync_drive},
        {"POST", "/v1/drives/d1/release", Endpoint::release_drive},
        {"GET", "/v1/events", Endpoint::events},
    };
    for (const auto& [method, target, endpoint] : rows) {
        const auto request = route(method, target + "?any=1");
        ASSERT_TRUE(request.has_value()) << method << ' ' << target;
        EXPECT_EQ(request->endpoint, endpoint) << method << ' ' << target;
        EXPECT_EQ(request->head_only, method == "HEAD");
        EXPECT_EQ(*request->query.find("any"), "1");
        EXPECT_EQ(route("PATCH", target).error().code, Code::method_not_allowed) << target;
    }
    EXPECT_EQ(route("GET", "/v1/messages/" + id)->parameter, id);
}

TEST(Router, AParameterMayStandInTheMiddle) {
    EXPECT_EQ(route("POST", "/v1/drives/d12/sync")->parameter, "d12");
    for (const auto* path : {"/v1/drives//sync", "/v1/drives/sync", "/v1/drives/d1/d2/sync", "/v1/drives/d1/",
                             "/v1/drives/d1/syncs"})
        EXPECT_EQ(route("POST", path).error().code, Code::not_found) << path;
}

TEST(Router, MethodsAreCaseSensitive) {
    EXPECT_EQ(route("get", "/v1").error().code, Code::method_not_allowed);
    EXPECT_EQ(route("HEAD", "/v1").error().allow, "GET");
}

TEST(Router, ParametersHaveAForm) {
    EXPECT_EQ(route("GET", "/v1/messages/" + id + "a").error().code, Code::malformed_request);
    EXPECT_EQ(route("GET", "/v1/messages/" + std::string(64, 'g')).error().code, Code::malformed_request);
    EXPECT_EQ(route("GET", "/v1/bundles/" + std::string(129, 'a')).error().code, Code::not_found);
    EXPECT_EQ(route("GET", "/v1/bundles/a b").error().code, Code::not_found);
    EXPECT_EQ(route("GET", "/v1/bundles/").error().code, Code::not_found);
}

TEST(Query, IsDecoded) {
    const auto query = parse_query("a=%41%7a%2F&b&c=&&d=e=f&%67=+");
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(*query->find("a"), "Az/");
    EXPECT_EQ(*query->find("b"), "");
    EXPECT_EQ(*query->find("c"), "");
    EXPECT_EQ(*query->find("d"), "e=f");
    EXPECT_EQ(*query->find("g"), "+");
    EXPECT_EQ(query->find("x"), nullptr);
    EXPECT_TRUE(parse_query("").has_value());
}

TEST(Query, WrongEscapesAndDoubleNamesAreRefused) {
    for (const auto* text : {"a=%", "a=%4", "a=%g0", "a=%0g", "%=1", "a=1&a=1", "a&%61"})
        EXPECT_FALSE(parse_query(text).has_value()) << text;
}

TEST(Query, NumbersHaveARange) {
    const auto query = *parse_query("n=7&word=x&long=99999999999999999999&space= 7&signed=%2b7");
    EXPECT_EQ(number_in(query, "n", {0, 7, 1}), 7u);
    EXPECT_EQ(number_in(query, "missing", {0, 7, 1}), 1u);
    EXPECT_FALSE(number_in(query, "n", {0, 6, 1}).has_value());
    EXPECT_FALSE(number_in(query, "n", {8, 9, 1}).has_value());
    for (const auto* name : {"word", "long", "space", "signed"})
        EXPECT_FALSE(number_in(query, name, {0, 100, 1}).has_value()) << name;
}

TEST(Query, DaysAreDatesOrNumbers) {
    const auto query = *parse_query("date=2027-03-01&number=20878&last=4294967296&over=4294967297&word=soon");
    EXPECT_EQ(day_in(query, "date", 0), 20'878u);
    EXPECT_EQ(day_in(query, "number", 0), 20'878u);
    EXPECT_EQ(day_in(query, "last", 0), std::uint64_t{1} << 32);
    EXPECT_EQ(day_in(query, "missing", 5), 5u);
    EXPECT_FALSE(day_in(query, "over", 0).has_value());
    EXPECT_FALSE(day_in(query, "word", 0).has_value());
}

}  // namespace
}  // namespace wcmp::api
