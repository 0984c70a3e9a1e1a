#include "client/event_stream.h"

#include <array>
#include <chrono>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>

namespace wcmp::client {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Stream = beast::basic_stream<asio::local::stream_protocol, asio::io_context::executor_type>;

// A heartbeat comes every 15 s at the latest.
constexpr std::chrono::seconds silence_max{60};
constexpr std::size_t line_bytes_max = std::size_t{64} << 10;

std::unexpected<Error> gone(const beast::error_code& error) {
    const bool system = error.category() == boost::system::system_category();
    return fail(Errc::remote, "no relay answers on the socket", system ? error.value() : 0);
}

}  // namespace

struct EventStream::State {
    asio::io_context context{1};
    Stream stream{context.get_executor()};
    beast::flat_buffer buffer{};
    http::response_parser<http::buffer_body> parser{};
    std::string lines{};

    // Runs one operation to its end, which the stream's deadline bounds.
    template <class Start>
    beast::error_code finish(Start start) {
        beast::error_code result;
        stream.expires_after(silence_max);
        start([&result](const beast::error_code& error, auto&&...) { result = error; });
        context.restart();
        context.run();
        return result;
    }

    Result<void> begin(const std::filesystem::path& socket) {
        const asio::local::stream_protocol::endpoint endpoint(socket.string());
        auto error = finish([&](auto done) { stream.async_connect(endpoint, done); });
        if (error) return gone(error);
        http::request<http::empty_body> request(http::verb::get, "/v1/events", 11);
        request.set(http::field::host, "wcmp");
        error = finish([&](auto done) { http::async_write(stream, request, done); });
        if (error) return gone(error);
        parser.body_limit(boost::none);
        error = finish([&](auto done) { http::async_read_header(stream, buffer, parser, done); });
        if (error) return gone(error);
        if (parser.get().result() != http::status::ok)
            return fail(Errc::remote, "the relay does not tell what happens");
        return {};
    }

    Result<void> read_more() {
        std::array<char, 4096> piece{};
        auto& body = parser.get().body();
        body.data = piece.data();
        body.size = piece.size();
        body.more = true;
        const auto error = finish([&](auto done) { http::async_read_some(stream, buffer, parser, done); });
        if (error && error != http::error::need_buffer) return gone(error);
        lines.append(piece.data(), piece.size() - body.size);
        if (parser.is_done()) return fail(Errc::remote, "the relay has ended the events");
        if (lines.size() > line_bytes_max) return fail(Errc::remote, "an event of the relay is too long");
        return {};
    }
};

EventStream::EventStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventStream::EventStream(EventStream&&) noexcept = default;
EventStream& EventStream::operator=(EventStream&&) noexcept = default;
EventStream::~EventStream() = default;

Result<EventStream> EventStream::open(const std::filesystem::path& socket) try {
    auto state = std::make_unique<State>();
    WCMP_TRY(state->begin(socket));
    return EventStream(std::move(state));
} catch (const std::exception&) {
    return fail(Errc::remote, "the socket's path cannot be used");
}

Result<boost::json::value> EventStream::next() try {
    auto& lines = state_->lines;
    std::size_t end = 0;
    while ((end = lines.find('\n')) == std::string::npos) WCMP_TRY(state_->read_more());
    boost::system::error_code error;
    auto event = boost::json::parse(std::string_view(lines).substr(0, end), error);
    lines.erase(0, end + 1);
    if (error) return fail(Errc::remote, "an event of the relay is not JSON");
    return event;
} catch (const std::exception&) {
    return fail(Errc::internal, "the HTTP library failed");
}

}  // namespace wcmp::client
