// A connection as Boost.Beast sees it. Only connection.cpp and connection_io.cpp include this: whoever
// includes Beast pays for it with every compilation.
#pragma once

#include "api/connection.h"
#include "api/exchange.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace wcmp::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

inline constexpr std::size_t read_bytes = std::size_t{64} << 10;

class HttpConnection final : public Connection,
                             public Exchange,
                             public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(asio::local::stream_protocol::socket socket, std::shared_ptr<const Context> context,
                   const Peer& peer)
        : context_(std::move(context)),
          peer_(peer),
          stream_(std::move(socket)),
          timer_(stream_.get_executor()) {}

    Task<void> run(std::optional<Problem> refusal);

    void stop() override;
    void close() override;

    const Request& request() const override { return request_; }
    node::Service& service() const override { return context_->service; }
    const Options& options() const override { return context_->options; }
    bool stopping() const override { return context_->stopping; }
    bool by_operator() const override { return peer_.is_operator; }

    Task<std::expected<Bytes, Problem>> body(std::uint64_t bytes_max) override;
    Task<std::expected<Bytes, Problem>> body_piece(std::uint64_t bytes_max) override;
    Task<void> begin(Answer head, std::optional<std::uint64_t> length) override;
    Task<void> write(ByteView piece) override;
    Task<void> end() override;
    Task<void> wait(std::chrono::milliseconds time) override;
    void wake() override;

private:
    using Parser = http::request_parser<http::buffer_body>;

    // The request.
    Task<bool> serve_one();
    Task<std::expected<std::size_t, Problem>> read_head();
    Task<void> read_more(std::chrono::milliseconds time);
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
    Peer peer_;
    beast::basic_stream<asio::local::stream_protocol> stream_;
    asio::steady_timer timer_;
    beast::flat_buffer buffer_{read_bytes * 2};
    std::optional<Parser> parser_;
    Request request_;
    std::chrono::steady_clock::time_point body_begun_;
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

}  // namespace wcmp::api
