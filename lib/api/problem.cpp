#include "api/problem.h"

#include <array>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::api {
namespace {

struct Row {
    unsigned status;
    std::string_view name;
    std::string_view title;
};

// In the order of Code.
constexpr std::array rows = {
    Row{400, "malformed_request", "The request is not of the required form"},
    Row{400, "malformed_message", "The bytes are not a message that may be carried"},
    Row{400, "malformed_bundle", "The bytes are not a bundle"},
    Row{403, "operator_only", "Only root and the user whom the relay runs as may do this"},
    Row{404, "not_found", "There is no such thing here"},
    Row{405, "method_not_allowed", "The path does not have this method"},
    Row{406, "not_acceptable", "None of the accepted types can be given"},
    Row{409, "busy", "Something else is being done with it, try again"},
    Row{410, "expired", "The message has expired"},
    Row{410, "cursor_expired", "The cursor has expired, start again without one"},
    Row{411, "length_required", "The request needs a body of known length"},
    Row{413, "too_large", "The body is over the limit"},
    Row{415, "unsupported_media_type", "The body is not of the required type"},
    Row{416, "range_not_satisfiable", "The range is outside the file"},
    Row{422, "refused", "A rule of this relay says no"},
    Row{503, "too_many_connections", "Too many connections"},
    Row{503, "stopping", "The relay is stopping"},
    Row{500, "internal", "The relay failed"},
    Row{507, "store_full", "The store is full"},
    Row{507, "store_failing", "The disk of the store fails"},
};
static_assert(rows.size() == std::to_underlying(Code::store_failing) + 1);

const Row& row_of(Code code) {
    return rows[std::to_underlying(code)];
}

Code expired_code(Subject subject) {
    return subject == Subject::cursor ? Code::cursor_expired : Code::expired;
}

// Which answer fits an error of the node. What is no fault of the client's is `internal`.
Code code_of(Errc code, Subject subject) {
    if (code == Errc::expired) return expired_code(subject);
    if (code == Errc::horizon || code == Errc::refused) return Code::refused;
    if (code == Errc::bundle) return Code::malformed_bundle;
    if (subject == Subject::bundle && (is_format_class(code) || code == Errc::truncated))
        return Code::malformed_bundle;
    if (is_format_class(code)) return Code::malformed_message;
    if (code == Errc::invalid) return Code::malformed_request;
    if (code == Errc::not_found) return Code::not_found;
    if (code == Errc::too_large) return Code::too_large;
    if (code == Errc::busy) return Code::busy;
    if (code == Errc::cancelled) return Code::stopping;
    if (code == Errc::no_space) return Code::store_full;
    // Behind the service there is no other medium than the store's.
    if (code == Errc::store_failing || code == Errc::read_only || code == Errc::io)
        return Code::store_failing;
    return Code::internal;
}

}  // namespace

Problem problem(Code code, std::string detail) {
    return Problem{.code = code, .status = row_of(code).status, .detail = std::move(detail)};
}

Problem too_large(std::uint64_t limit) {
    auto result = problem(Code::too_large, "at most " + std::to_string(limit) + " bytes are taken");
    result.limit = limit;
    return result;
}

Problem problem_of(const node::Failure& failure, Subject subject) {
    auto result = problem(code_of(failure.code, subject), failure.detail);
    result.retry_after = failure.retry_after;
    if (result.code == Code::malformed_message) result.format_class = to_string(failure.code);
    if (result.code == Code::refused) result.rule = failure.rule.empty() ? "lifetime" : failure.rule;
    if (result.code == Code::too_large && failure.limit > 0) result.limit = failure.limit;
    if (result.code == Code::stopping && result.retry_after.count() == 0)
        result.retry_after = std::chrono::seconds(5);
    return result;
}

std::string_view name_of(Code code) {
    return row_of(code).name;
}

std::string_view title_of(Code code) {
    return row_of(code).title;
}

std::string to_json(const Problem& problem) {
    const auto name = name_of(problem.code);
    boost::json::object body{{"type", "urn:wcmp:error:" + std::string(name)},
                             {"title", title_of(problem.code)},
                             {"status", problem.status},
                             {"code", name}};
    if (!problem.detail.empty()) body["detail"] = problem.detail;
    if (!problem.format_class.empty()) body["class"] = problem.format_class;
    if (!problem.rule.empty()) body["rule"] = problem.rule;
    if (problem.limit) body["limit"] = *problem.limit;
    return boost::json::serialize(body);
}

}  // namespace wcmp::api
