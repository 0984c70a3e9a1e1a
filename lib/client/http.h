// HTTP/1.1 over the relay's Unix socket, one request at a time, blocking.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace wcmp::client {

enum class Method : std::uint8_t { get, head, post, put };

struct HttpRequest {
    Method method = Method::get;
    std::string target;
    std::string content_type{};
    std::string accept{};
    std::optional<std::pair<std::uint64_t, std::uint64_t>> range{};  // first and last byte
    ByteView body{};
    // Of a success; a refusal may have 64 KiB to explain itself.
    std::uint64_t answer_bytes_max = std::uint64_t{1} << 20;
    std::chrono::seconds patience{60};  // for the whole exchange
};

struct HttpAnswer {
    unsigned status = 0;
    std::string cursor;  // Wcmp-Cursor
    Bytes body;
};

class Http {
public:
    explicit Http(std::filesystem::path socket);
    Http(Http&&) noexcept;
    Http& operator=(Http&&) noexcept;
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;
    ~Http();

    // Any status is an answer. Errc::remote: nobody answers, the connection broke, or the answer is not HTTP;
    // too_large: the answer is over its limit. A connection that the relay has closed while it was idle is
    // opened again.
    Result<HttpAnswer> exchange(const HttpRequest& request);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wcmp::client
