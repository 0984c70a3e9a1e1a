// The day, for who runs the relay to set: nobody else can know it where there is no clock.
#include "api/date.h"
#include "api/handlers.h"
#include "api/media_type.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::api {
namespace {

constexpr std::uint64_t clock_body_bytes_max = 1024;

std::expected<Day, Problem> parse_day(ByteView body) {
    boost::system::error_code error;
    const auto value = boost::json::parse({reinterpret_cast<const char*>(body.data()), body.size()}, error);
    const auto* const object = error ? nullptr : value.if_object();
    const auto* const today = object ? object->if_contains("today") : nullptr;
    const auto* const text = today ? today->if_string() : nullptr;
    const auto day = text ? day_from_date(*text) : std::nullopt;
    if (!day)
        return std::unexpected(problem(Code::malformed_request,
                                       "the body is not {\"today\":\"2027-03-01\"}, with a day that exists"));
    return *day;
}

}  // namespace

Task<Answered> set_clock(Exchange& exchange) {
    if (!exchange.by_operator()) co_return std::unexpected(problem(Code::operator_only));
    if (!has_type(exchange.request().fields.content_type, media::json))
        co_return std::unexpected(unsupported_media_type(media::json));
    const auto body = co_await exchange.body(clock_body_bytes_max);
    if (!body) co_return std::unexpected(body.error());
    const auto day = parse_day(*body);
    if (!day) co_return std::unexpected(day.error());
    const auto set = exchange.service().set_today(*day);
    if (!set) co_return std::unexpected(problem_of(set.error(), Subject::other));
    const auto status = exchange.service().status();
    co_return json_answer(boost::json::serialize(
        boost::json::object{{"today", to_date(status.today)}, {"trust", status.trust}}));
}

}  // namespace wcmp::api
