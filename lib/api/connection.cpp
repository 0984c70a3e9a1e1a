// The only file with Boost.Beast in it: how the handlers' view of a request becomes bytes on a socket.
#include "api/connection.h"

#include "api/ascii.h"
#include "api/handlers.h"
#include "api/media_type.h"
#include "api/request_guard.h"
#include "api/router.h"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <sys/socket.h>

namespace wcmp::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t piece_bytes = std::size_t{256} << 10;
constexpr std::size_t read_bytes = std::size_t{64} << 10;

bool is_syntax_error(const error_code& error) {
    return error.category() == make_error_code(http::error::bad_method).category() &&
           error != http::error::partial_message && error != http::error::end_of_stream;
}

class HttpConnection final : public Connection,
                             public Exchange,
                             public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(asio::local::stream_protocol::socket socket, std::shared_ptr<const Context> context)
        : context_(std::move(context)), stream_(std::move(socket)), timer_(stream_.get_executor()) {}

    Task<void> run(std::optional<Problem> refusal);

    void stop() override;
    void close() override;

    const Request& request() const override { return request_; }
    node::Service& service() const override { return context_->service; }
    const Options& options() const override { return context_->options; }
    bool stopping() const override { return context_->stopping; }

    Task<std::expected<Bytes, Problem>> body(std::uint64_t bytes_max) override;
    Task<std::expected<Bytes, Problem>> body_piece(std::uint64_t bytes_max) override;
    Task<void> begin(Answer head, std::optional<std::uint64_t> length) override;
    Task<void> write(ByteView piece) override;
    Task<void> end() override;
    Task<void> wait(milliseconds time) override;
    void wake() override;

private:
    using Parser = http::request_parser<http::buffer_body>;

    // The request.
    Task<bool> serve_one();
    Task<std::expected<std::size_t, Problem>> read_head();
    Task<void> read_more(milliseconds time);
    std::expected<void, Problem> parse_head(std::size_t length);
    std::expected<Request, Problem> interpret() const;
    std::string field(http::field name) const { return std::string(parser_->get()[name]); }

    // Its body.
    std::optional<Problem> check_length(std::uint64_t bytes_max) const;
    Task<void> send_continue();
    Task<std::optional<Problem>> read_body(MutableBytes into, std::size_t& filled);

    // The answer.
    Task<void> send(Answer answer);
    Task<void> send_problem(Problem problem);
    Task<void> drain();

    // While it waits.
    void watch();
    void unwatch();
    bool peer_is_gone();

    std::string_view buffered() const {
        const auto data = buffer_.cdata();
        return {static_cast<const char*>(data.data()), data.size()};
    }

    std::shared_ptr<const Context> context_;
    beast::basic_stream<asio::local::stream_protocol> stream_;
    asio::steady_timer timer_;
    beast::flat_buffer buffer_{read_bytes * 2};
    std::optional<Parser> parser_;
    Request request_;
    steady_clock::time_point body_begun_;
    std::uint64_t body_bytes_ = 0;
    bool idle_ = false;       // between requests: nothing of the next one has come
    bool keep_alive_ = true;  // as far as we are concerned
    bool continued_ = false;
    bool chunked_ = false;
    bool woken_ = false;
    bool watching_ = false;
    bool talks_ = false;  // more came while it waited: cannot be watched, but is there
    bool gone_ = false;
};

Task<void> HttpConnection::run(std::optional<Problem> refusal) {
    const auto self = shared_from_this();
    try {
        if (refusal) {
            keep_alive_ = false;
            co_await send_problem(std::move(*refusal));
            co_await drain();
        } else {
            while (co_await serve_one()) {
            }
        }
    } catch (const std::exception&) {
        // The client has gone or was too slow: there is nobody to tell.
    } catch (const Abandoned&) {
    }
    close();
}

Task<bool> HttpConnection::serve_one() {
    parser_.reset();
    request_ = {};
    body_bytes_ = 0;
    continued_ = woken_ = talks_ = false;
    const auto head_bytes = co_await read_head();
    if (head_bytes && *head_bytes == 0) co_return false;
    auto parsed = head_bytes ? parse_head(*head_bytes) : std::unexpected(head_bytes.error());
    if (!parsed) {
        keep_alive_ = false;
        parser_.reset();
        co_await send_problem(std::move(parsed).error());
        co_await drain();
        co_return false;
    }
    keep_alive_ = parser_->keep_alive();
    Answered answered;
    if (auto request = interpret()) {
        request_ = std::move(*request);
        answered = co_await handle(*this);
    } else {
        answered = std::unexpected(std::move(request).error());
    }
    unwatch();
    const bool read_off = parser_->is_done();
    if (!read_off || stopping()) keep_alive_ = false;
    if (!answered)
        co_await send_problem(std::move(answered).error());
    else if (!answered->sent)
        co_await send(std::move(*answered));
    if (!read_off) co_await drain();
    co_return keep_alive_;
}

// The length of the next head in the buffer, 0 when the client has no more requests.
Task<std::expected<std::size_t, Problem>> HttpConnection::read_head() {
    std::size_t scanned = 0;
    steady_clock::time_point begun = steady_clock::now();
    for (;;) {
        const auto end = find_head_end(buffered(), scanned);
        if (!end) co_return std::unexpected(problem(Code::malformed_request, std::string(end.error())));
        if (*end) co_return **end;
        scanned = buffered().size();
        idle_ = scanned == 0;
        if (idle_ && stopping()) co_return 0;
        const auto spent = std::chrono::ceil<milliseconds>(steady_clock::now() - begun);
        co_await read_more(idle_ ? options().idle_time : options().head_time - spent);
        if (idle_) begun = steady_clock::now();
        idle_ = false;
        if (buffered().size() == scanned) co_return 0;
    }
}

// Leaves the buffer as it is when the client has closed its side.
Task<void> HttpConnection::read_more(milliseconds time) {
    error_code error;
    stream_.expires_after(std::max(time, milliseconds(0)));
    const auto count = co_await stream_.async_read_some(buffer_.prepare(limits::request_head_bytes_max),
                                                        asio::redirect_error(use_awaitable, error));
    stream_.expires_never();
    if (error && error != asio::error::eof) throw boost::system::system_error(error);
    buffer_.commit(count);
}

std::expected<void, Problem> HttpConnection::parse_head(std::size_t length) {
    if (const auto wrong = check_head(buffered().substr(0, length)))
        return std::unexpected(problem(Code::malformed_request, std::string(*wrong)));
    parser_.emplace();
    parser_->body_limit(boost::none);
    parser_->header_limit(static_cast<std::uint32_t>(limits::request_head_bytes_max));
    error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error || !parser_->is_header_done())
        return std::unexpected(problem(Code::malformed_request, "the head cannot be read"));
    body_begun_ = steady_clock::now();
    return {};
}

std::expected<Request, Problem> HttpConnection::interpret() const {
    const auto& head = parser_->get();
    if (stopping()) {
        auto refusal = problem(Code::stopping);
        refusal.retry_after = std::chrono::seconds(5);
        return std::unexpected(std::move(refusal));
    }
    auto request = route(head.method_string(), head.target());
    if (!request) return request;
    request->fields = {.accept = field(http::field::accept),
                       .content_type = field(http::field::content_type),
                       .range = field(http::field::range),
                       .if_range = field(http::field::if_range),
                       .if_none_match = field(http::field::if_none_match)};
    return request;
}

std::optional<Problem> HttpConnection::check_length(std::uint64_t bytes_max) const {
    const auto length = parser_->content_length();
    if (!length && !parser_->chunked()) return problem(Code::length_required);
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
        if (whole.empty())
            whole = std::move(*piece);
        else
            whole.insert(whole.end(), piece->begin(), piece->end());
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

Task<void> HttpConnection::wait(milliseconds time) {
    if (!woken_ && !stopping()) {
        watch();
        error_code ignored;
        timer_.expires_after(time);
        co_await timer_.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
    woken_ = false;
    if (gone_) throw boost::system::system_error(asio::error::eof);
}

void HttpConnection::wake() {
    woken_ = true;
    timer_.cancel();
}

// A read is kept pending while there is nothing to say: it ends when the client goes.
void HttpConnection::watch() {
    if (watching_ || talks_ || buffer_.size() > 0) return;
    watching_ = true;
    stream_.socket().async_wait(asio::socket_base::wait_read,
                                [self = shared_from_this()](const error_code& error) {
                                    if (error == asio::error::operation_aborted) return;
                                    self->watching_ = false;
                                    self->gone_ = self->peer_is_gone();
                                    self->talks_ = !self->gone_;
                                    if (self->gone_) self->timer_.cancel();
                                });
}

void HttpConnection::unwatch() {
    if (!std::exchange(watching_, false)) return;
    error_code ignored;
    stream_.socket().cancel(ignored);
}

bool HttpConnection::peer_is_gone() {
    char next = 0;
    const auto count = ::recv(stream_.socket().native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

void HttpConnection::stop() {
    error_code ignored;
    // A request that lies in the socket already is still read, to be told that we stop.
    if (idle_ && stream_.socket().available(ignored) == 0)
        stream_.cancel();
    else
        wake();
}

void HttpConnection::close() {
    timer_.cancel();
    stream_.close();
}

}  // namespace

std::shared_ptr<Connection> start_connection(asio::local::stream_protocol::socket socket,
                                             std::shared_ptr<const Context> context,
                                             std::optional<Problem> refusal,
                                             std::move_only_function<void()> ended) {
    const auto executor = socket.get_executor();
    auto connection = std::make_shared<HttpConnection>(std::move(socket), std::move(context));
    asio::co_spawn(executor, connection->run(std::move(refusal)),
                   [connection, ended = std::move(ended)](const std::exception_ptr&) mutable { ended(); });
    return connection;
}

}  // namespace wcmp::api
