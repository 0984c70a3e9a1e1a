#include "api/problem.h"

#include <set>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

TEST(Problem, EveryCodeHasANameATitleAndAnErrorStatus) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Code::store_failing); ++i) {
        const auto code = static_cast<Code>(i);
        EXPECT_TRUE(names.insert(name_of(code)).second) << name_of(code);
        EXPECT_FALSE(title_of(code).empty());
        EXPECT_GE(problem(code).status, 400u);
        EXPECT_LT(problem(code).status, 600u);
    }
}

TEST(Problem, JsonHoldsWhatIsKnown) {
    EXPECT_EQ(boost::json::parse(to_json(problem(Code::busy, "why"))), boost::json::parse(R"({
        "type":"urn:wcmp:error:busy","title":"Something else is being done with it, try again",
        "status":409,"code":"busy","detail":"why"})"));
    EXPECT_NE(boost::json::parse(to_json(problem(Code::busy))).at("detail").as_string(), "");
    const auto body = boost::json::parse(to_json(too_large(10))).as_object();
    EXPECT_EQ(body.at("limit").to_number<int>(), 10);
    EXPECT_EQ(body.at("detail").as_string(), "at most 10 bytes are taken");
}

Code code_of(Errc code, Subject subject) {
    return problem_of({.code = code}, subject).code;
}

TEST(Problem, OneErrorMeansDifferentThings) {
    EXPECT_EQ(code_of(Errc::expired, Subject::message), Code::expired);
    EXPECT_EQ(code_of(Errc::expired, Subject::cursor), Code::cursor_expired);
    EXPECT_EQ(code_of(Errc::shape, Subject::message), Code::malformed_message);
    EXPECT_EQ(code_of(Errc::shape, Subject::bundle), Code::malformed_bundle);
    EXPECT_EQ(code_of(Errc::truncated, Subject::bundle), Code::malformed_bundle);
    EXPECT_EQ(code_of(Errc::truncated, Subject::message), Code::internal);
    EXPECT_EQ(code_of(Errc::invalid, Subject::cursor), Code::malformed_request);
    EXPECT_EQ(code_of(Errc::not_found, Subject::other), Code::not_found);
}

TEST(Problem, TheFormatsClassIsSaidOfMessagesOnly) {
    EXPECT_EQ(problem_of({.code = Errc::encoding}, Subject::message).format_class, "E_ENCODING");
    EXPECT_EQ(problem_of({.code = Errc::encoding}, Subject::bundle).format_class, "");
}

TEST(Problem, ALimitThatIsNotKnownIsNotSaid) {
    EXPECT_EQ(problem_of({.code = Errc::too_large}, Subject::message).limit, std::nullopt);
    EXPECT_EQ(problem_of({.code = Errc::too_large, .limit = 5}, Subject::message).limit, 5u);
}

}  // namespace
}  // namespace wcmp::api
