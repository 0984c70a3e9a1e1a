#include "api/handlers.h"

#include "api/media_type.h"

#include <array>

namespace wcmp::api {
namespace {

// What the endpoints that do not negotiate on their own answer with.
std::optional<std::string_view> offer(Endpoint endpoint) {
    switch (endpoint) {
    case Endpoint::message: return media::message;
    case Endpoint::fetch: return media::messages;
    case Endpoint::bundle: return media::bundle;
    case Endpoint::events: return media::lines;
    case Endpoint::recognition: return std::nullopt;
    case Endpoint::version:
    case Endpoint::enqueue:
    case Endpoint::fold:
    case Endpoint::bundles:
    case Endpoint::upload:
    case Endpoint::status:
    case Endpoint::set_clock:
    case Endpoint::drives:
    case Endpoint::sync_drive:
    case Endpoint::release_drive: return media::json;
    }
    return std::nullopt;
}

std::optional<Problem> check_acceptable(const Request& request) {
    const auto offered = offer(request.endpoint);
    if (!offered || choose(request.fields.accept, std::array{*offered})) return std::nullopt;
    return not_acceptable(std::array{*offered});
}

}  // namespace

Answer json_answer(std::string_view text, unsigned status) {
    return Answer{.status = status, .type = media::json, .body = Bytes(text.begin(), text.end())};
}

Task<Answered> handle(Exchange& exchange) {
    const auto& service = exchange.service();
    if (auto wrong = check_acceptable(exchange.request())) co_return std::unexpected(std::move(*wrong));
    switch (exchange.request().endpoint) {
    case Endpoint::version: co_return get_version(service, exchange.options());
    case Endpoint::enqueue: co_return co_await enqueue_message(exchange);
    case Endpoint::message: co_return co_await get_message(exchange);
    case Endpoint::fetch: co_return co_await fetch_messages(exchange);
    case Endpoint::recognition: co_return co_await get_recognition(exchange);
    case Endpoint::fold: co_return co_await fold(exchange);
    case Endpoint::bundles: co_return get_bundles(service);
    case Endpoint::bundle: co_return co_await get_bundle(exchange);
    case Endpoint::upload: co_return co_await upload_bundle(exchange);
    case Endpoint::status: co_return get_status(service);
    case Endpoint::set_clock: co_return co_await set_clock(exchange);
    case Endpoint::drives: co_return get_drives(service);
    case Endpoint::sync_drive: co_return sync_drive(exchange);
    case Endpoint::release_drive: co_return release_drive(exchange);
    case Endpoint::events: co_return co_await follow_events(exchange);
    }
    co_return std::unexpected(problem(Code::internal));
}

}  // namespace wcmp::api
