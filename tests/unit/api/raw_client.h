// A client that sends what it is told to, well-formed or not, and reads answers strictly.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace wcmp::api::test {

struct Response {
    int status = 0;                             // 0: the connection ended before a whole head
    std::map<std::string, std::string> fields;  // names in lower case
    std::string body;

    std::string field(const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? "" : found->second;
    }
};

// "GET /v1 HTTP/1.1" and a Host; `fields` are whole lines with their ends.
std::string request_text(std::string_view line, std::string_view fields = {}, std::string_view body = {});

// With Content-Length and the body.
constexpr std::string_view message_type = "application/vnd.wcmp.message";
std::string post_text(std::string_view target, std::string_view type, std::string_view body,
                      std::string_view fields = {});

class RawClient {
public:
    explicit RawClient(const std::filesystem::path& path);
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient() { close(); }

    // False when the other side does not take it.
    bool send(std::string_view text);
    void finish_sending();
    void close();

    // The next answer; a HEAD's has no body.
    Response read(bool head_only = false);
    Response ask(std::string_view text, bool head_only = false) {
        send(text);
        return read(head_only);
    }

    // The next chunk of a chunked answer whose head was read by read_head(); empty at its end.
    Response read_head();
    std::string read_chunk();

    // True when the server closes within the time, whatever comes before.
    bool is_closed_within(std::chrono::milliseconds time);

private:
    bool fill();
    std::string line();
    std::string exactly(std::size_t count);

    int fd_ = -1;
    std::string buffer_;
    bool ended_ = false;
};

}  // namespace wcmp::api::test
