// Recognition records from a cursor on, waiting for the first one if the client asks for it.
#include "api/await_reply.h"
#include "api/handlers.h"
#include "api/media_type.h"
#include "api/query.h"
#include "api/recognition_json.h"
#include "core/limits.h"

#include <array>
#include <chrono>

namespace wcmp::api {
namespace {

using std::chrono::steady_clock;

struct Asked {
    std::string cursor;
    node::DayRange range;
    std::size_t records_max = 0;
    std::chrono::milliseconds wait{};
};

std::expected<Asked, Problem> parse(const Query& query) {
    const auto limit =
        number_in(query, "limit", {1, limits::recognition_records_max, limits::recognition_records_max});
    const auto wait = number_in(query, "wait", {0, limits::recognition_wait_s_max, 0});
    const node::DayRange all;
    const auto from = day_in(query, "expires_from", all.from);
    const auto to = day_in(query, "expires_to", all.to);
    for (const auto* value : {&limit, &wait, &from, &to})
        if (!*value) return std::unexpected(value->error());
    if (*from > UINT32_MAX)
        return std::unexpected(problem(Code::malformed_request, "expires_from is too late"));
    const auto* after = query.find("after");
    return Asked{.cursor = after ? *after : std::string{},
                 .range = {.from = static_cast<std::uint32_t>(*from), .to = *to},
                 .records_max = static_cast<std::size_t>(*limit),
                 .wait = std::chrono::seconds(*wait)};
}

Task<node::Outcome<node::RecognitionPart>> read_part(Exchange& exchange, const Asked& asked) {
    co_return co_await await_reply<node::RecognitionPart>([&](node::Reply<node::RecognitionPart> reply) {
        exchange.service().recognition(asked.cursor, asked.range, asked.records_max, std::move(reply));
    });
}

// The next part that is not empty, or the empty one at the end when the time is over. What is listened for
// begins before what is read, so that no arrival falls between.
Task<node::Outcome<node::RecognitionPart>> next_part(Exchange& exchange, Asked asked) {
    const auto deadline = steady_clock::now() + asked.wait;
    for (;;) {
        std::unique_ptr<node::Subscription> arrival;
        if (asked.wait.count() > 0) arrival = exchange.service().on_arrival([&exchange] { exchange.wake(); });
        auto part = co_await read_part(exchange, asked);
        if (!part || part->count > 0) co_return part;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
        if (part->caught_up && (left.count() <= 0 || exchange.stopping())) co_return part;
        asked.cursor = part->cursor;
        if (part->caught_up) co_await exchange.wait(left);
    }
}

Answered render(node::RecognitionPart part, std::string_view type) {
    Answer answer{.type = type};
    answer.fields.push_back({"Wcmp-Cursor", std::move(part.cursor)});
    answer.fields.push_back({"Vary", "Accept"});
    if (type == media::recognition) {
        answer.body = std::move(part.records);
        return answer;
    }
    const auto lines = recognition_lines(part.records);
    if (!lines) return std::unexpected(problem(Code::internal));
    answer.body.assign(lines->begin(), lines->end());
    return answer;
}

}  // namespace

Task<Answered> get_recognition(Exchange& exchange) {
    constexpr std::array offers = {media::recognition, media::lines};
    const auto type = choose(exchange.request().fields.accept, offers);
    if (!type) co_return std::unexpected(not_acceptable(offers));
    auto asked = parse(exchange.request().query);
    if (!asked) co_return std::unexpected(std::move(asked).error());
    auto part = co_await next_part(exchange, std::move(*asked));
    if (!part) co_return std::unexpected(problem_of(part.error(), Subject::cursor));
    co_return render(std::move(*part), *type);
}

}  // namespace wcmp::api
