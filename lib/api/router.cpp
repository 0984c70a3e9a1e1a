#include "api/router.h"

#include "api/query.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace wcmp::api {
namespace {

struct Route {
    std::string_view path;  // a segment "*" stands for the parameter
    std::string_view method;
    Endpoint endpoint;
    std::string_view allow;  // every method of this path
};

constexpr Route routes[] = {
    {"/v1", "GET", Endpoint::version, "GET"},
    {"/v1/messages", "POST", Endpoint::enqueue, "POST"},
    {"/v1/messages/fetch", "POST", Endpoint::fetch, "POST"},
    {"/v1/messages/*", "GET", Endpoint::message, "GET, HEAD"},
    {"/v1/messages/*", "HEAD", Endpoint::message, "GET, HEAD"},
    {"/v1/recognition", "GET", Endpoint::recognition, "GET"},
    {"/v1/fold", "POST", Endpoint::fold, "POST"},
    {"/v1/bundles", "GET", Endpoint::bundles, "GET, POST"},
    {"/v1/bundles", "POST", Endpoint::upload, "GET, POST"},
    {"/v1/bundles/*", "GET", Endpoint::bundle, "GET"},
    {"/v1/status", "GET", Endpoint::status, "GET"},
    {"/v1/clock", "PUT", Endpoint::set_clock, "PUT"},
    {"/v1/drives", "GET", Endpoint::drives, "GET"},
    {"/v1/drives/*/sync", "POST", Endpoint::sync_drive, "POST"},
    {"/v1/drives/*/release", "POST", Endpoint::release_drive, "POST"},
    {"/v1/events", "GET", Endpoint::events, "GET"},
};

// The parameter when the path fits, nothing when it does not.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == pattern.npos) return path == pattern ? std::optional(std::string_view{}) : std::nullopt;
    const auto before = pattern.substr(0, star);
    const auto after = pattern.substr(star + 1);
    if (path.size() <= before.size() + after.size()) return std::nullopt;
    if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
    const auto parameter = path.substr(before.size(), path.size() - before.size() - after.size());
    return parameter.contains('/') ? std::nullopt : std::optional(parameter);
}

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
}

constexpr std::size_t name_length_max = 128;

std::optional<Problem> check_parameter(Endpoint endpoint, std::string_view parameter) {
    if (endpoint == Endpoint::message &&
        (parameter.size() != 64 || !std::ranges::all_of(parameter, is_hex_digit)))
        return problem(Code::malformed_request, "an id is 64 lower-case hexadecimal digits");
    // A name of any other form cannot be a bundle's.
    if (endpoint == Endpoint::bundle &&
        (parameter.size() > name_length_max || !std::ranges::all_of(parameter, is_name_character)))
        return problem(Code::not_found, "there is no bundle of this name");
    return std::nullopt;
}

std::expected<Request, Problem> routed(const Route& row, std::string_view parameter, std::string_view query) {
    if (auto wrong = check_parameter(row.endpoint, parameter)) return std::unexpected(std::move(*wrong));
    auto parsed = parse_query(query);
    if (!parsed) return std::unexpected(std::move(parsed).error());
    return Request{.endpoint = row.endpoint,
                   .head_only = row.method == "HEAD",
                   .parameter = std::string(parameter),
                   .query = std::move(*parsed),
                   .fields = {}};
}

Problem not_routed(const Route* same_path) {
    if (!same_path) return problem(Code::not_found, "there is no such path");
    auto result = problem(Code::method_not_allowed, "here there is " + std::string(same_path->allow));
    result.allow = same_path->allow;
    return result;
}

}  // namespace

std::expected<Request, Problem> route(std::string_view method, std::string_view target) {
    const auto mark = target.find('?');
    const auto path = target.substr(0, mark);
    const auto query = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
    const Route* same_path = nullptr;
    for (const auto& row : routes) {
        // A whole path stands before one with a parameter that would fit too: it is what was meant.
        if (same_path && row.path != same_path->path) continue;
        const auto parameter = match(row.path, path);
        if (!parameter) continue;
        if (row.method == method) return routed(row, *parameter, query);
        same_path = &row;
    }
    return std::unexpected(not_routed(same_path));
}

}  // namespace wcmp::api
