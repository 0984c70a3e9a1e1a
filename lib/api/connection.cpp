// The life of a connection: requests are read, checked, handed to their handlers, and waited for.
#include "api/connection.h"

#include "api/handlers.h"
#include "api/http_connection.h"
#include "api/request_guard.h"
#include "api/router.h"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <sys/socket.h>

namespace wcmp::api {

using asio::use_awaitable;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

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
        close();  // the client has gone or was too slow: there is nobody to tell
    } catch (const Abandoned&) {
        close();
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

std::shared_ptr<Connection> start_connection(asio::local::stream_protocol::socket socket,
                                             std::shared_ptr<const Context> context, const Peer& peer,
                                             std::optional<Problem> refusal,
                                             std::move_only_function<void()> ended) {
    const auto executor = socket.get_executor();
    auto connection = std::make_shared<HttpConnection>(std::move(socket), std::move(context), peer);
    asio::co_spawn(executor, connection->run(std::move(refusal)),
                   [connection, ended = std::move(ended)](const std::exception_ptr&) mutable { ended(); });
    return connection;
}

}  // namespace wcmp::api
