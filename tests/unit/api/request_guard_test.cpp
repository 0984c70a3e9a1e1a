#include "api/request_guard.h"

#include "core/random.h"

#include <string>

#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

std::string head(const std::string& fields) {
    return "GET /v1 HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

TEST(RequestGuard, AnEndIsFoundWhereverTheReadsEnd) {
    const auto text = head("A: b\r\n");
    for (std::size_t first = 0; first < text.size(); ++first) {
        const auto before = find_head_end(text.substr(0, first), 0);
        ASSERT_TRUE(before.has_value());
        EXPECT_EQ(*before, std::nullopt);
        const auto after = find_head_end(text + "body\n", first);
        ASSERT_TRUE(after.has_value());
        EXPECT_EQ(*after, text.size());
    }
}

TEST(RequestGuard, WrongEndsOfLinesAreFoundAtOnce) {
    for (const std::string text :
         {"GET /v1\n", "GET /v1\rX", "\r\n", "\n", "GET /v1 HTTP/1.1\r\nA: b\n", "GET /v1 HTTP/1.1\r\n\n"})
        EXPECT_FALSE(find_head_end(text, 0).has_value()) << text;
    EXPECT_FALSE(find_head_end(std::string_view("GET \0", 5), 0).has_value());
}

TEST(RequestGuard, AHeadIsAtMost8KiB) {
    const auto frame = head("A: \r\n").size();
    const auto fits = head("A: " + std::string(8192 - frame, 'x') + "\r\n");
    EXPECT_EQ(fits.size(), 8192u);
    EXPECT_EQ(find_head_end(fits, 0).value(), 8192u);
    EXPECT_FALSE(find_head_end(head("A: " + std::string(8193 - frame, 'x') + "\r\n"), 0).has_value());
    EXPECT_EQ(find_head_end(std::string(8191, 'x'), 0).value(), std::nullopt);
    EXPECT_FALSE(find_head_end(std::string(8192, 'x'), 0).has_value());
}

TEST(RequestGuard, AHeadIsAtMost64Lines) {
    std::string fields;
    for (int i = 0; i < 62; ++i) fields += "A: b\r\n";
    EXPECT_EQ(check_head(head(fields)), std::nullopt);
    EXPECT_NE(check_head(head(fields + "A: b\r\n")), std::nullopt);
}

TEST(RequestGuard, ProperHeadsPass) {
    for (const std::string fields :
         {"", "Content-Length: 0\r\n", "content-length:5 \r\n", "Transfer-Encoding: Chunked\r\n", "A:\r\n",
          "A: \xc3\xa9\tb\r\n", "!#$%&'*+-.^_`|~: x\r\n", "Content-Length: 999999999999999999\r\n"})
        EXPECT_EQ(check_head(head(fields)), std::nullopt) << fields;
}

TEST(RequestGuard, AmbiguousLengthsAreRefused) {
    for (const std::string fields :
         {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding: chunked, chunked\r\n",
          "Transfer-Encoding: \x0b"
          "chunked\r\n",
          "Content-Length:\r\n", "Content-Length: -1\r\n", "Content-Length: 1 1\r\n",
          "Content-Length: 1e1\r\n", "Content-Length: 1000000000000000000\r\n"})
        EXPECT_NE(check_head(head(fields)), std::nullopt) << fields;
}

TEST(RequestGuard, MalformedFieldsAreRefused) {
    for (const std::string fields : {" A: b\r\n", "\tA: b\r\n", "A : b\r\n", "A\r\n", ": b\r\n",
                                     "A\x80: b\r\n", "A: \x01\r\n", "Host: y\r\n"})
        EXPECT_NE(check_head(head(fields)), std::nullopt) << fields;
    EXPECT_NE(check_head("GET /v1 HTTP/1.1\r\n\r\n"), std::nullopt);
}

TEST(RequestGuard, MalformedRequestLinesAreRefused) {
    for (const std::string line :
         {"", "GET", "GET /v1", "GET /v1 HTTP/1.0", "GET /v1 HTTP/2", "GET /v1 http/1.1", " GET /v1 HTTP/1.1",
          "GET  /v1 HTTP/1.1", "GET /v1 HTTP/1.1 ", "GET v1 HTTP/1.1", "GET * HTTP/1.1", "GET /\x7f HTTP/1.1",
          "GET /\xff HTTP/1.1", "GET /a\tb HTTP/1.1", "G\"T /v1 HTTP/1.1"})
        EXPECT_NE(check_head(line + "\r\nHost: x\r\n\r\n"), std::nullopt) << line;
}

// Whatever one byte becomes, the head is either refused or still ends where it ended.
TEST(RequestGuard, NoSingleByteMovesTheEnd) {
    const auto text = head("Content-Length: 4\r\nA: b\r\n");
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            auto changed = text;
            changed[at] = static_cast<char>(value);
            const auto end = find_head_end(changed, 0);
            if (!end || !*end) continue;
            if (check_head(std::string_view(changed).substr(0, **end))) continue;
            EXPECT_EQ(**end, text.size()) << at << ' ' << value;
        }
    }
}

}  // namespace
}  // namespace wcmp::api
