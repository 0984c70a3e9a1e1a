#include "client/http.h"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>

namespace wcmp::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Stream = beast::basic_stream<asio::local::stream_protocol, asio::io_context::executor_type>;
using Request = http::request<http::span_body<const std::uint8_t>>;
using Parser = http::response_parser<http::vector_body<std::uint8_t>>;

// A refusal explains itself, however short the answer would have been.
constexpr std::uint64_t refusal_bytes_max = 65'536;

bool is_success(unsigned status) {
    return status >= 200 && status < 300;
}

http::verb verb_of(Method method) {
    switch (method) {
    case Method::get: return http::verb::get;
    case Method::head: return http::verb::head;
    case Method::post: return http::verb::post;
    case Method::put: return http::verb::put;
    }
    return http::verb::get;
}

Request make_request(const HttpRequest& from) {
    Request request(verb_of(from.method), from.target, 11);
    request.set(http::field::host, "wcmp");
    if (!from.content_type.empty()) request.set(http::field::content_type, from.content_type);
    if (!from.accept.empty()) request.set(http::field::accept, from.accept);
    if (from.range)
        request.set(http::field::range,
                    "bytes=" + std::to_string(from.range->first) + "-" + std::to_string(from.range->second));
    request.body() = {from.body.data(), from.body.size()};
    if (from.method == Method::post || from.method == Method::put) request.content_length(from.body.size());
    return request;
}

std::unexpected<Error> broken(std::string_view what, const beast::error_code& error) {
    const bool system = error.category() == boost::system::system_category();
    return fail(Errc::remote, what, system ? error.value() : 0);
}

}  // namespace

struct Http::State {
    std::filesystem::path path;
    asio::io_context context{1};
    std::optional<Stream> stream{};
    beast::flat_buffer buffer{};

    // Runs one operation to its end, which the stream's deadline bounds.
    template <class Start>
    beast::error_code finish(Start start) {
        beast::error_code result;
        start([&result](const beast::error_code& error, auto&&...) { result = error; });
        context.restart();
        context.run();
        return result;
    }

    Result<void> connect(std::chrono::seconds patience) try {
        buffer.clear();
        stream.emplace(context.get_executor());
        stream->expires_after(patience);
        const asio::local::stream_protocol::endpoint endpoint(path.string());
        const auto error = finish([&](auto done) { stream->async_connect(endpoint, done); });
        if (!error) return {};
        stream.reset();
        return broken("no relay answers on the socket", error);
    } catch (const boost::system::system_error&) {
        stream.reset();
        return fail(Errc::remote, "the socket's path cannot be used");
    }

    // `sent` tells whether the relay may have seen the request.
    Result<HttpAnswer> converse(const HttpRequest& from) {
        auto request = make_request(from);
        stream->expires_after(from.patience);
        // A relay that refuses in the middle of a body answers and closes: the answer is read all the same.
        const auto written = finish([&](auto done) { http::async_write(*stream, request, done); });
        Parser parser;
        parser.body_limit(std::max(from.answer_bytes_max, refusal_bytes_max));
        parser.skip(from.method == Method::head);
        auto error = finish([&](auto done) { http::async_read(*stream, buffer, parser, done); });
        if (error == http::error::body_limit) {
            stream.reset();
            return fail(Errc::too_large, "the relay's answer is longer than it may be");
        }
        if (error) {
            stream.reset();
            return broken("the relay broke the connection", written ? written : error);
        }
        auto answer = parser.release();
        if (answer.body().size() > from.answer_bytes_max && is_success(answer.result_int())) {
            stream.reset();
            return fail(Errc::too_large, "the relay's answer is longer than it may be");
        }
        if (written || !answer.keep_alive()) stream.reset();
        return HttpAnswer{answer.result_int(), std::string(answer["Wcmp-Cursor"]), std::move(answer.body())};
    }
};

Http::Http(std::filesystem::path socket) : state_(new State{.path = std::move(socket)}) {}
Http::Http(Http&&) noexcept = default;
Http& Http::operator=(Http&&) noexcept = default;
Http::~Http() = default;

// Every request of the API may be repeated: it reads, or names what it brings by its hash.
Result<HttpAnswer> Http::exchange(const HttpRequest& request) try {
    const bool was_open = state_->stream.has_value();
    if (!was_open) WCMP_TRY(state_->connect(request.patience));
    auto answer = state_->converse(request);
    if (answer || !was_open || answer.error().code != Errc::remote) return answer;
    WCMP_TRY(state_->connect(request.patience));
    return state_->converse(request);
} catch (const std::exception&) {
    state_->stream.reset();
    return fail(Errc::internal, "the HTTP library failed");
}

}  // namespace wcmp::client
