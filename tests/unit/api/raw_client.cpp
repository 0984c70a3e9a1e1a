#include "unit/api/raw_client.h"

#include "api/ascii.h"

#include <cstring>
#include <stdexcept>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::api::test {

std::string request_text(std::string_view line, std::string_view fields, std::string_view body) {
    return std::string(line) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n" +
           std::string(body);
}

std::string post_text(std::string_view target, std::string_view type, std::string_view body,
                      std::string_view fields) {
    const auto all = "Content-Type: " + std::string(type) +
                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields);
    return request_text("POST " + std::string(target), all, body);
}

RawClient::RawClient(const std::filesystem::path& path)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect");
    // A test that waits for nothing fails instead of hanging.
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void RawClient::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

bool RawClient::send(std::string_view text) {
    while (!text.empty()) {
        const auto count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void RawClient::finish_sending() {
    ::shutdown(fd_, SHUT_WR);
}

bool RawClient::fill() {
    char bytes[65536];
    const auto count = ended_ ? 0 : ::recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0)
        ended_ = true;
    else
        buffer_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
}

// Without its end; what there is when the connection ends.
std::string RawClient::line() {
    for (;;) {
        const auto end = buffer_.find("\r\n");
        if (end != buffer_.npos) {
            auto result = buffer_.substr(0, end);
            buffer_.erase(0, end + 2);
            return result;
        }
        if (!fill()) return std::exchange(buffer_, {});
    }
}

std::string RawClient::exactly(std::size_t count) {
    while (buffer_.size() < count && fill()) {
    }
    auto result = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return result;
}

Response RawClient::read_head() {
    Response response;
    auto text = line();
    if (!text.starts_with("HTTP/1.1 ") || text.size() < 12) return response;
    response.status = std::stoi(text.substr(9, 3));
    for (text = line(); !text.empty(); text = line()) {
        const auto colon = text.find(':');
        auto name = text.substr(0, colon);
        for (auto& c : name) c = lower(c);
        EXPECT_FALSE(response.fields.contains(name)) << name << " is sent twice";
        response.fields[name] = trimmed(std::string_view(text).substr(colon + 1));
    }
    return response;
}

std::string RawClient::read_chunk() {
    const auto size = line();
    if (size.empty()) return {};
    auto chunk = exactly(std::stoul(size, nullptr, 16));
    EXPECT_EQ(line(), "");
    return chunk;
}

Response RawClient::read(bool head_only) {
    auto response = read_head();
    if (head_only || response.status < 200 || response.status == 304) return response;
    if (response.field("transfer-encoding") == "chunked") {
        for (auto chunk = read_chunk(); !chunk.empty(); chunk = read_chunk()) response.body += chunk;
    } else {
        response.body = exactly(std::stoul("0" + response.field("content-length")));
    }
    return response;
}

bool RawClient::is_closed_within(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (!ended_) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd item{.fd = fd_, .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&item, 1, static_cast<int>(left.count())) <= 0) return false;
        fill();
    }
    return true;
}

}  // namespace wcmp::api::test
