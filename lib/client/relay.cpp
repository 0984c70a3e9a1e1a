#include "client/relay.h"

#include "client/date.h"
#include "core/cursor.h"
#include "core/hex.h"
#include "core/limits.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::client {
namespace {

namespace json = boost::json;

constexpr std::uint64_t json_bytes_max = std::uint64_t{64} << 20;
constexpr std::chrono::seconds upload_patience{600};

std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<json::value> parse(ByteView body) {
    boost::system::error_code error;
    auto value = json::parse(as_text(body), error);
    if (error) return fail(Errc::remote, "the relay's answer is not JSON");
    return value;
}

const json::value* find(const json::value& value, std::string_view name) {
    const auto* const object = value.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

std::string member(const json::value& value, std::string_view name) {
    const auto* const found = find(value, name);
    const auto* const text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string{} : std::string(text->begin(), text->end());
}

Result<std::uint64_t> number(const json::value& value, std::string_view name) {
    const auto* const found = find(value, name);
    boost::system::error_code error;
    const auto result = found == nullptr ? 0 : found->to_number<std::uint64_t>(error);
    if (found == nullptr || error) return fail(Errc::remote, "the relay's answer lacks a number");
    return result;
}

Result<std::map<std::string, std::uint64_t>> numbers(const json::value& value, std::string_view name) {
    const auto* const found = find(value, name);
    if (found == nullptr || !found->is_object())
        return fail(Errc::remote, "the relay's answer lacks its counts");
    std::map<std::string, std::uint64_t> counts;
    for (const auto& member : found->get_object()) {
        const std::string_view key(member.key().data(), member.key().size());
        WCMP_ASSIGN(counts[std::string(key)], number(*found, key));
    }
    return counts;
}

Problem problem_of(const HttpAnswer& answer) {
    Problem problem{.status = answer.status, .code = {}, .detail = {}};
    const auto body = parse(answer.body);
    if (!body) return problem;
    problem.code = member(*body, "code");
    problem.detail = member(*body, "detail");
    problem.rule = member(*body, "rule");
    if (problem.detail.empty()) problem.detail = member(*body, "title");
    return problem;
}

std::unexpected<Error> error_of(unsigned status) {
    switch (status) {
    case 400: return fail(Errc::invalid, "the relay does not accept this");
    case 403: return fail(Errc::denied, "only root and the user whom the relay runs as may do this");
    case 404: return fail(Errc::not_found, "the relay does not have it");
    case 409:
    case 429:
    case 503: return fail(Errc::busy, "the relay is busy");
    case 410: return fail(Errc::expired, "it is too old for the relay");
    case 413: return fail(Errc::too_large, "it is too large for the relay");
    case 422: return fail(Errc::refused, "a rule of the relay refuses it");
    case 507: return fail(Errc::no_space, "the relay has no room");
    default: return fail(Errc::remote, "the relay failed");
    }
}

// A cursor is opaque: nothing in it may change the meaning of the query.
std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out.push_back(c);
        else
            out += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
    }
    return out;
}

Result<std::vector<Bytes>> split(ByteView body, std::size_t count) {
    Cursor in(body);
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < count; ++i) {
        const auto message = in.sized_bytes(limits::message_bytes_max);
        if (!message) return fail(Errc::remote, "the relay's answer does not hold what was asked for");
        messages.emplace_back(message->begin(), message->end());
    }
    if (!in.finish()) return fail(Errc::remote, "the relay's answer has more than was asked for");
    return messages;
}

}  // namespace

Result<void> Relay::ask_drive(std::string_view id, std::string_view what) {
    WCMP_TRY(
        ask({.method = Method::post, .target = "/v1/drives/" + percent_encoded(id) + std::string(what)}));
    return {};
}

Result<HttpAnswer> Relay::ask(const HttpRequest& request) {
    problem_ = {};
    WCMP_ASSIGN(auto answer, http_.exchange(request));
    if (answer.status >= 200 && answer.status < 300) return answer;
    problem_ = problem_of(answer);
    return error_of(answer.status);
}

Result<json::value> Relay::get(std::string_view target) {
    WCMP_ASSIGN(const auto answer, ask({.target = std::string(target), .answer_bytes_max = json_bytes_max}));
    return parse(answer.body);
}

Result<RelayDay> Relay::today() {
    WCMP_ASSIGN(const auto status, get("/v1/status"));
    const auto* const clock = find(status, "clock");
    const auto day = parse_date(clock == nullptr ? std::string{} : member(*clock, "today"));
    if (!day) return fail(Errc::remote, "the relay does not say which day it is");
    const auto trust = member(*clock, "trust");
    return RelayDay{.day = *day, .trusted = !trust.empty() && trust != "none"};
}

Result<void> Relay::set_today(Day today) {
    const auto body = json::serialize(json::object{{"today", to_date(today)}});
    WCMP_TRY(ask({.method = Method::put,
                  .target = "/v1/clock",
                  .content_type = "application/json",
                  .body = as_bytes(body)}));
    return {};
}

Result<RelayLimits> Relay::limits() {
    WCMP_ASSIGN(const auto about, get("/v1"));
    const auto* const found = find(about, "limits");
    if (found == nullptr) return fail(Errc::remote, "the relay does not say its limits");
    RelayLimits limits;
    WCMP_ASSIGN(limits.message_bytes_max, number(*found, "message_bytes_max"));
    WCMP_ASSIGN(const auto days, number(*found, "lifetime_days_max"));
    limits.lifetime_days_max =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(days, limits::horizon_days));
    return limits;
}

Result<void> Relay::enqueue(ByteView message) {
    WCMP_TRY(ask({.method = Method::post,
                  .target = "/v1/messages",
                  .content_type = "application/vnd.wcmp.message",
                  .body = message}));
    return {};
}

Result<bool> Relay::holds(const MessageId& id) {
    const auto answer = ask({.method = Method::head, .target = "/v1/messages/" + to_hex(id.view())});
    if (answer) return true;
    if (answer.error().code != Errc::not_found) return std::unexpected(answer.error());
    problem_ = {};
    return false;
}

Result<RecognitionPart> Relay::recognition(std::string_view cursor, unsigned wait_s) {
    std::string target = "/v1/recognition?wait=" + std::to_string(wait_s);
    if (!cursor.empty()) target += "&after=" + percent_encoded(cursor);
    constexpr std::chrono::seconds grace{60};
    WCMP_ASSIGN(auto answer, ask({.target = std::move(target),
                                  .accept = "application/vnd.wcmp.recognition",
                                  .patience = std::chrono::seconds(wait_s) + grace}));
    return RecognitionPart{std::move(answer.body), std::move(answer.cursor)};
}

Result<std::vector<Bytes>> Relay::fetch(std::span<const MessageId> ids, std::uint64_t bytes_max) {
    json::array list;
    for (const auto& id : ids) list.emplace_back(to_hex(id.view()));
    const auto body = json::serialize(json::object{{"ids", std::move(list)}});
    constexpr std::uint64_t length_bytes = 4;
    WCMP_ASSIGN(const auto answer, ask({.method = Method::post,
                                        .target = "/v1/messages/fetch",
                                        .content_type = "application/json",
                                        .body = as_bytes(body),
                                        .answer_bytes_max = bytes_max + length_bytes * ids.size()}));
    return split(answer.body, ids.size());
}

Result<void> Relay::fold() {
    WCMP_TRY(ask({.method = Method::post, .target = "/v1/fold", .patience = upload_patience}));
    return {};
}

Result<Bytes> Relay::bundle_part(std::string_view name, std::uint64_t first, std::uint64_t bytes) {
    if (bytes == 0) return Bytes{};
    auto answer = ask({.target = "/v1/bundles/" + std::string(name),
                       .range = std::pair(first, first + bytes - 1),
                       .answer_bytes_max = bytes});
    if (!answer) {
        if (problem_.status == 416) return Bytes{};
        return std::unexpected(answer.error());
    }
    constexpr unsigned partial = 206;
    if (answer->status != partial) return fail(Errc::remote, "the relay does not give parts of bundles");
    return std::move(answer->body);
}

Result<Uploaded> Relay::upload(ByteView bundle) {
    WCMP_ASSIGN(const auto answer, ask({.method = Method::post,
                                        .target = "/v1/bundles",
                                        .content_type = "application/vnd.wcmp.bundle",
                                        .body = bundle,
                                        .patience = upload_patience}));
    WCMP_ASSIGN(const auto counts, parse(answer.body));
    Uploaded uploaded;
    WCMP_ASSIGN(uploaded.imported, number(counts, "imported"));
    WCMP_ASSIGN(uploaded.known, number(counts, "known"));
    WCMP_ASSIGN(uploaded.refused, numbers(counts, "refused"));
    WCMP_ASSIGN(uploaded.invalid, numbers(counts, "invalid"));
    return uploaded;
}

}  // namespace wcmp::client
