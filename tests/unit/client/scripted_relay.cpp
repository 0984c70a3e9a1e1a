#include "scripted_relay.h"

#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <tuple>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::client::test {
namespace {

std::size_t content_length(std::string_view head) {
    constexpr std::string_view field = "Content-Length: ";
    const auto at = head.find(field);
    return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + field.size(), 12)));
}

// One request from the front of what was read, or nothing yet.
std::optional<std::string> take_request(std::string& read) {
    const auto end = read.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    const auto bytes = end + 4 + content_length(std::string_view(read).substr(0, end));
    if (read.size() < bytes) return std::nullopt;
    auto request = read.substr(0, bytes);
    read.erase(0, bytes);
    return request;
}

}  // namespace

std::string answer(unsigned status, std::string_view body, std::string_view more_fields) {
    return "HTTP/1.1 " + std::to_string(status) + " Text\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(more_fields) + "\r\n" + std::string(body);
}

std::string json_answer(unsigned status, std::string_view body) {
    return answer(status, body, "Content-Type: application/json\r\n");
}

std::string problem(unsigned status, std::string_view code) {
    return json_answer(status, R"({"title":"T","detail":"why","code":")" + std::string(code) + "\"}");
}

ScriptedRelay::ScriptedRelay(std::deque<Reply> replies) : replies_(std::move(replies)) {
    listener_ = io::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = socket().string();
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 8) != 0)
        throw std::runtime_error("cannot listen");
    thread_ = std::jthread([this] { serve(); });
}

// Ends accept() in the thread.
ScriptedRelay::~ScriptedRelay() {
    ::shutdown(listener_.get(), SHUT_RDWR);
}

std::vector<std::string> ScriptedRelay::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

void ScriptedRelay::serve() {
    for (;;) {
        const io::UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection) return;
        serve(connection.get());
    }
}

// Until the client closes, or a reply says so.
void ScriptedRelay::serve(int connection) {
    std::string read;
    std::array<char, 65'536> buffer{};
    for (;;) {
        const auto got = ::recv(connection, buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        read.append(buffer.data(), static_cast<std::size_t>(got));
        while (auto request = take_request(read)) {
            {
                const std::scoped_lock lock(mutex_);
                requests_.push_back(std::move(*request));
            }
            if (!reply(connection)) return;
        }
    }
}

// False when the connection ends here.
bool ScriptedRelay::reply(int connection) {
    if (replies_.empty()) return true;
    const auto next = std::move(replies_.front());
    replies_.pop_front();
    std::ignore = ::send(connection, next.bytes.data(), next.bytes.size(), MSG_NOSIGNAL);
    return !next.closes;
}

}  // namespace wcmp::client::test
