// One request and its answer, as the handlers see the connection: no HTTP library in sight.
//
// Everything is a coroutine on the server's thread. When the client has gone or is too slow, the awaited
// operation throws, and the connection ends with the handler's frame.
#pragma once

#include "api/options.h"
#include "api/problem.h"
#include "api/request.h"
#include "core/bytes.h"
#include "node/service.h"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace wcmp::api {

template <class T>
using Task = boost::asio::awaitable<T>;

struct Field {
    std::string_view name;
    std::string value;
};

struct Answer {
    unsigned status = 200;
    std::string_view type{};  // empty: no body
    std::vector<Field> fields{};
    Bytes body{};
    bool sent = false;  // the handler has sent it itself, piece by piece
};

using Answered = std::expected<Answer, Problem>;

// Thrown when an answer that has begun cannot be ended: the connection is cut, so that the client sees it.
struct Abandoned {};

Answer json_answer(std::string_view text, unsigned status = 200);

class Exchange {
public:
    virtual ~Exchange() = default;

    virtual const Request& request() const = 0;
    virtual node::Service& service() const = 0;
    virtual const Options& options() const = 0;
    virtual bool stopping() const = 0;
    // Root, or who the daemon runs as (API.md, "Who may do what").
    virtual bool by_operator() const = 0;

    // The body as a whole. Code::length_required when the request has none, too_large over `bytes_max`.
    virtual Task<std::expected<Bytes, Problem>> body(std::uint64_t bytes_max) = 0;
    // Its next piece, empty at the end; `bytes_max` counts all pieces.
    virtual Task<std::expected<Bytes, Problem>> body_piece(std::uint64_t bytes_max) = 0;

    // An answer in pieces: of `length` bytes, or chunked when that is not known yet.
    virtual Task<void> begin(Answer head, std::optional<std::uint64_t> length) = 0;
    virtual Task<void> write(ByteView piece) = 0;
    virtual Task<void> end() = 0;

    // Suspends until wake() is called, the time is over or the server stops; throws at once when the client
    // goes. A wake() between two waits ends the second one at once.
    virtual Task<void> wait(std::chrono::milliseconds time) = 0;
    virtual void wake() = 0;
};

}  // namespace wcmp::api
