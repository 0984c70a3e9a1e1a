#include "unit/api/server_fixture.h"

#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wcmp::api::test {

TempDirectory::TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "wcmp-api-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
}

TempDirectory::~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void ServerTest::start(const Options& options) {
    auto server = Server::listen(context_, service_, socket_path(), Access::user, options);
    ASSERT_TRUE(server.has_value()) << describe(server.error());
    server_ = std::move(*server);
    guard_.emplace(context_.get_executor());
    thread_ = std::thread([this] { context_.run(); });
}

void ServerTest::shut_down() {
    if (!thread_.joinable()) return;
    on_server([this] { server_.reset(); });
    guard_.reset();
    thread_.join();
}

bool ServerTest::becomes_true(std::function<bool()> condition) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        if (on_server(condition)) return true;
        std::this_thread::sleep_for(milliseconds(2));
    }
    return false;
}

Response ServerTest::ask(std::string_view text, bool head_only) {
    RawClient client(socket_path());
    return client.ask(text, head_only);
}

void ServerTest::act_as(uid_t uid) {
    ASSERT_EQ(::syscall(SYS_setresuid, -1, uid, -1), 0);
}

void ServerTest::let_anybody_in() {
    namespace fs = std::filesystem;
    fs::permissions(directory_.path(), fs::perms(0711));
    fs::permissions(socket_path(), fs::perms(0666));
}

std::string code_of(const Response& response) {
    if (response.field("content-type") != "application/problem+json") return "(not a problem)";
    const auto body = boost::json::parse(response.body).as_object();
    const std::string code(body.at("code").as_string());
    EXPECT_EQ(body.at("type").as_string(), "urn:wcmp:error:" + code);
    EXPECT_EQ(body.at("status").to_number<int>(), response.status);
    EXPECT_FALSE(body.at("title").as_string().empty());
    return code;
}

}  // namespace wcmp::api::test
