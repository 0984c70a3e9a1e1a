// Messages by their ids: taking them in, giving them out.
#include "api/await_reply.h"
#include "api/date.h"
#include "api/handlers.h"
#include "api/media_type.h"
#include "api/ranges.h"
#include "core/hex.h"
#include "core/limits.h"
#include "core/writer.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::api {
namespace {

std::expected<MessageId, Problem> id_of(std::string_view text) {
    if (auto id = fixed_from_hex<MessageId>(text)) return *id;
    return std::unexpected(problem(Code::malformed_request, "an id is 64 lower-case hexadecimal digits"));
}

std::expected<std::vector<MessageId>, Problem> ids_of(const boost::json::array& list) {
    if (list.size() > limits::fetch_ids_max)
        return std::unexpected(problem(Code::malformed_request, "more ids than one request may name"));
    std::vector<MessageId> ids;
    ids.reserve(list.size());
    for (const auto& item : list) {
        const auto* text = item.if_string();
        auto id = id_of(text ? std::string_view(*text) : std::string_view{});
        if (!id) return std::unexpected(std::move(id).error());
        ids.push_back(*id);
    }
    return ids;
}

std::expected<std::vector<MessageId>, Problem> parse_fetch(ByteView body) {
    boost::system::error_code error;
    const auto value = boost::json::parse({reinterpret_cast<const char*>(body.data()), body.size()}, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* ids = object ? object->if_contains("ids") : nullptr;
    if (!ids || !ids->is_array())
        return std::unexpected(problem(Code::malformed_request, "the body is not {\"ids\":[...]}"));
    return ids_of(ids->get_array());
}

Task<node::Outcome<Bytes>> read_message(node::Service& service, MessageId id) {
    co_return co_await await_reply<Bytes>(
        [&](node::Reply<Bytes> reply) { service.read(id, std::move(reply)); });
}

Answer created(const node::Enqueued& enqueued) {
    const auto id = to_hex(enqueued.id.view());
    auto answer = json_answer(
        boost::json::serialize(boost::json::object{{"id", id}, {"expires", to_date(enqueued.expires)}}), 201);
    answer.fields.push_back({"Location", "/v1/messages/" + id});
    return answer;
}

// Only its length is asked for, or the client has the bytes already: a message never changes.
Task<Answered> describe_message(Exchange& exchange, MessageId id, Answer answer) {
    const auto length = co_await await_reply<std::uint64_t>(
        [&](node::Reply<std::uint64_t> reply) { exchange.service().length_of(id, std::move(reply)); });
    if (!length) co_return std::unexpected(problem_of(length.error(), Subject::message));
    if (!exchange.request().head_only) {
        answer.status = 304;
        answer.type = {};
        co_return answer;
    }
    co_await exchange.begin(std::move(answer), *length);
    co_return Answer{.sent = true};
}

}  // namespace

Task<Answered> enqueue_message(Exchange& exchange) {
    if (!has_type(exchange.request().fields.content_type, media::message))
        co_return std::unexpected(unsupported_media_type(media::message));
    auto body = co_await exchange.body(exchange.service().limits().message_bytes_max);
    if (!body) co_return std::unexpected(std::move(body).error());
    const auto enqueued = co_await await_reply<node::Enqueued>([&](node::Reply<node::Enqueued> reply) {
        exchange.service().enqueue(std::move(*body), std::move(reply));
    });
    if (!enqueued) co_return std::unexpected(problem_of(enqueued.error(), Subject::message));
    co_return created(*enqueued);
}

Task<Answered> get_message(Exchange& exchange) {
    const auto& request = exchange.request();
    const auto id = id_of(request.parameter);
    if (!id) co_return std::unexpected(id.error());
    const auto etag = '"' + request.parameter + '"';
    Answer answer{.type = media::message};
    answer.fields.push_back({"ETag", etag});
    if (request.head_only || none_match_names(request.fields.if_none_match, etag))
        co_return co_await describe_message(exchange, *id, std::move(answer));
    auto bytes = co_await read_message(exchange.service(), *id);
    if (!bytes) co_return std::unexpected(problem_of(bytes.error(), Subject::message));
    answer.body = std::move(*bytes);
    co_return answer;
}

Task<Answered> fetch_messages(Exchange& exchange) {
    if (!has_type(exchange.request().fields.content_type, media::json))
        co_return std::unexpected(unsupported_media_type(media::json));
    const auto body = co_await exchange.body(limits::fetch_body_bytes_max);
    if (!body) co_return std::unexpected(body.error());
    const auto ids = parse_fetch(*body);
    if (!ids) co_return std::unexpected(ids.error());
    co_await exchange.begin(Answer{.type = media::messages}, std::nullopt);
    for (const auto& id : *ids) {
        auto bytes = co_await read_message(exchange.service(), id);
        // A failing disk must not look like a message that is not held.
        if (!bytes && bytes.error().code != Errc::not_found) throw Abandoned();
        Bytes piece;
        Writer writer(piece);
        writer.u32(bytes ? static_cast<std::uint32_t>(bytes->size()) : 0);
        if (bytes) writer.bytes(*bytes);
        co_await exchange.write(piece);
    }
    co_await exchange.end();
    co_return Answer{.sent = true};
}

Task<Answered> fold(Exchange& exchange) {
    if (!exchange.service().folds_on_request()) co_return json_answer("{}", 202);
    const auto folded = co_await await_reply<void>(
        [&](node::Reply<void> reply) { exchange.service().fold(std::move(reply)); });
    if (!folded) co_return std::unexpected(problem_of(folded.error(), Subject::other));
    co_return json_answer("{}");
}

}  // namespace wcmp::api
