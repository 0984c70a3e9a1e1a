// Bodies in, answers out.
#include "api/ascii.h"
#include "api/http_connection.h"
#include "api/media_type.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

namespace wcmp::api {

using asio::use_awaitable;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;

bool is_syntax_error(const error_code& error) {
    return error.category() == make_error_code(http::error::bad_method).category() &&
           error != http::error::partial_message && error != http::error::end_of_stream;
}

}  // namespace

std::optional<Problem> HttpConnection::check_length(std::uint64_t bytes_max) const {
    const auto length = parser_->content_length();
    if (!length && !parser_->chunked())
        return problem(Code::length_required, "send Content-Length, or chunks (Transfer-Encoding: chunked)");
    if (length && *length > bytes_max) return too_large(bytes_max);
    return std::nullopt;
}

// Only now is it sure that the body is wanted.
Task<void> HttpConnection::send_continue() {
    const bool expected = equal_ignoring_case(field(http::field::expect), "100-continue");
    if (!expected || std::exchange(continued_, true) || body_bytes_ > 0 || buffer_.size() > 0) co_return;
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.expires_after(options().idle_time);
    co_await asio::async_write(stream_, asio::buffer(text), use_awaitable);
}

// Fills `into` unless the body ends before.
Task<std::optional<Problem>> HttpConnection::read_body(MutableBytes into, std::size_t& filled) {
    auto& sink = parser_->get().body();
    filled = 0;
    while (!parser_->is_done() && filled < into.size()) {
        const auto late = std::chrono::milliseconds(body_bytes_ * 1000 / options().body_rate_min);
        stream_.expires_at(body_begun_ + options().body_grace + late);
        sink.data = into.data() + filled;
        sink.size = into.size() - filled;
        error_code error;
        co_await http::async_read_some(stream_, buffer_, *parser_,
                                       asio::redirect_error(use_awaitable, error));
        const auto count = into.size() - filled - sink.size;
        filled += count;
        body_bytes_ += count;
        if (error == http::error::need_buffer) error = {};
        if (is_syntax_error(error))
            co_return problem(Code::malformed_request, "the body's chunks are malformed");
        if (error) throw boost::system::system_error(error);
    }
    stream_.expires_never();
    co_return std::nullopt;
}

Task<std::expected<Bytes, Problem>> HttpConnection::body_piece(std::uint64_t bytes_max) {
    if (auto wrong = check_length(bytes_max)) co_return std::unexpected(std::move(*wrong));
    co_await send_continue();
    const auto length = parser_->content_length_remaining();
    Bytes piece(length ? static_cast<std::size_t>(std::min<std::uint64_t>(*length, piece_bytes))
                       : piece_bytes);
    std::size_t filled = 0;
    if (auto wrong = co_await read_body(piece, filled)) co_return std::unexpected(std::move(*wrong));
    if (body_bytes_ > bytes_max) co_return std::unexpected(too_large(bytes_max));
    piece.resize(filled);
    co_return piece;
}

Task<std::expected<Bytes, Problem>> HttpConnection::body(std::uint64_t bytes_max) {
    Bytes whole;
    for (;;) {
        auto piece = co_await body_piece(bytes_max);
        if (!piece) co_return std::unexpected(std::move(piece).error());
        if (piece->empty()) co_return whole;
        if (whole.empty()) {
            whole = std::move(*piece);
            continue;
        }
        // Not with insert(): optimising, g++ 14 takes its copy for one beyond the end.
        const auto before = whole.size();
        whole.resize(before + piece->size());
        std::ranges::copy(*piece, whole.data() + before);
    }
}

Task<void> HttpConnection::begin(Answer head, std::optional<std::uint64_t> length) {
    http::response<http::empty_body> response(static_cast<http::status>(head.status), 11);
    if (!head.type.empty()) response.set(http::field::content_type, head.type);
    for (const auto& [name, value] : head.fields) response.set(name, value);
    chunked_ = !length;
    if (length && head.status != 304) response.content_length(*length);
    if (chunked_) response.chunked(true);
    if (!parser_ || !parser_->is_done() || stopping()) keep_alive_ = false;
    response.keep_alive(keep_alive_);
    http::response_serializer<http::empty_body> serializer(response);
    stream_.expires_after(options().idle_time);
    co_await http::async_write_header(stream_, serializer, use_awaitable);
    stream_.expires_never();
}

Task<void> HttpConnection::write(ByteView piece) {
    while (!piece.empty()) {
        const auto part = piece.first(std::min(piece.size(), piece_bytes));
        const asio::const_buffer bytes(part.data(), part.size());
        stream_.expires_after(options().idle_time);
        if (chunked_)
            co_await asio::async_write(stream_, http::make_chunk(bytes), use_awaitable);
        else
            co_await asio::async_write(stream_, bytes, use_awaitable);
        piece = piece.subspan(part.size());
    }
    stream_.expires_never();
}

Task<void> HttpConnection::end() {
    if (!chunked_) co_return;
    stream_.expires_after(options().idle_time);
    co_await asio::async_write(stream_, http::make_chunk_last(), use_awaitable);
    stream_.expires_never();
}

Task<void> HttpConnection::send(Answer answer) {
    const auto body = std::move(answer.body);
    co_await begin(std::move(answer), body.size());
    if (!request_.head_only) co_await write(body);
}

Task<void> HttpConnection::send_problem(Problem problem) {
    const auto text = to_json(problem);
    Answer answer{.status = problem.status, .type = media::problem, .body = Bytes(text.begin(), text.end())};
    if (!problem.allow.empty()) answer.fields.push_back({"Allow", std::string(problem.allow)});
    if (problem.complete)
        answer.fields.push_back({"Content-Range", "bytes */" + std::to_string(*problem.complete)});
    if (problem.retry_after.count() > 0)
        answer.fields.push_back({"Retry-After", std::to_string(problem.retry_after.count())});
    co_await send(std::move(answer));
}

// Reads off what the client still sends: were the socket closed on it, the client would see its own write
// fail and never read the answer.
Task<void> HttpConnection::drain() {
    error_code error;
    stream_.socket().shutdown(asio::socket_base::shutdown_send, error);
    stream_.expires_after(options().drain_time);
    Bytes rest(read_bytes);
    std::uint64_t read = 0;
    while (!error && read < options().drain_bytes_max)
        read +=
            co_await stream_.async_read_some(asio::buffer(rest), asio::redirect_error(use_awaitable, error));
}

}  // namespace wcmp::api
