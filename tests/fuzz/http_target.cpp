// A connection's first bytes: where the head ends, whether it is unambiguous, where it leads. Whatever
// request_guard lets through, Boost.Beast must understand in the same way.
#include "api/date.h"
#include "api/media_type.h"
#include "api/query.h"
#include "api/ranges.h"
#include "api/recognition_json.h"
#include "api/request_guard.h"
#include "api/router.h"

#include <array>
#include <cstdlib>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace {

namespace api = wcmp::api;
namespace http = boost::beast::http;

void require(bool condition) {
    if (!condition) std::abort();
}

// The bytes come in two reads or in one: the end is the same.
std::optional<std::size_t> head_end(std::string_view bytes) {
    const auto whole = api::find_head_end(bytes, 0);
    const auto half = bytes.size() / 2;
    const auto first = api::find_head_end(bytes.substr(0, half), 0);
    if (first && !*first) {
        const auto second = api::find_head_end(bytes, half);
        require(second.has_value() == whole.has_value());
        if (whole) require(*second == *whole);
    }
    return whole ? *whole : std::nullopt;
}

std::size_t count(std::string_view text, std::string_view piece) {
    std::size_t result = 0;
    for (auto at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) ++result;
    return result;
}

void try_parameters(const api::Request& request) {
    const auto number = api::number_in(request.query, "limit", {1, 100, 7});
    require(!number || (*number >= 1 && *number <= 100));
    const auto day = api::day_in(request.query, "expires_from", 0);
    require(!day || *day <= std::uint64_t{1} << 32);
    if (request.endpoint == api::Endpoint::message) require(request.parameter.size() == 64);
}

void try_fields(std::string_view range, std::string_view accept) {
    for (const std::uint64_t size : {0U, 1U, 1000U}) {
        const auto parsed = api::parse_range(range, size);
        if (parsed.kind == api::ByteRange::Kind::part)
            require(parsed.length > 0 && parsed.first < size && parsed.length <= size - parsed.first);
    }
    constexpr std::array offers = {api::media::recognition, api::media::lines};
    const auto chosen = api::choose(accept, offers);
    require(!chosen || *chosen == offers[0] || *chosen == offers[1]);
    api::none_match_names(accept, "\"a\"");
    api::has_type(accept, api::media::json);
    const auto day = api::day_from_date(range);
    if (day) require(api::to_date(*day) == range);
}

void compare_with_beast(std::string_view head) {
    http::request_parser<http::empty_body> parser;
    parser.body_limit(boost::none);
    parser.eager(false);
    boost::system::error_code error;
    const auto consumed = parser.put(boost::asio::buffer(head), error);
    if (error) return;
    require(parser.is_header_done() && consumed == head.size());
    require(count(head, "\r\n") >= 3);
    const auto request = api::route(parser.get().method_string(), parser.get().target());
    if (request) try_parameters(*request);
    try_fields(parser.get()[http::field::range], parser.get()[http::field::accept]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto records = api::recognition_lines({data, size});
    if (records) require(size == 0 ? records->empty() : records->ends_with("}\n"));
    try_fields(bytes, bytes);
    if (const auto request = api::route("GET", bytes)) try_parameters(*request);
    const auto end = head_end(bytes);
    if (end && !api::check_head(bytes.substr(0, *end))) compare_with_beast(bytes.substr(0, *end));
    return 0;
}
