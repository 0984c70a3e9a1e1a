// The socket in the file system: its mode, its neighbours, what stood there before.
#include "unit/api/server_fixture.h"

#include <fstream>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::api::test {
namespace {

class SocketFileTest : public ServerTest {
protected:
    Result<std::unique_ptr<Server>> listen(const std::filesystem::path& path, Access access = Access::user) {
        return Server::listen(context_, service_, path, access);
    }

    Errc failure(const std::filesystem::path& path) {
        const auto server = listen(path);
        return server ? Errc::cancelled : server.error().code;
    }

    // As a daemon leaves it that was killed.
    int bound_socket() const {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_path().string().copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return fd;
    }

    mode_t mode() const {
        struct stat status{};
        EXPECT_EQ(::stat(socket_path().c_str(), &status), 0);
        return status.st_mode & 07777;
    }
};

TEST_F(SocketFileTest, ItsModeIsWhatIsAskedForWhateverTheUmask) {
    const auto before = ::umask(077);
    {
        const auto server = listen(socket_path(), Access::group);
        ASSERT_TRUE(server.has_value());
        EXPECT_EQ(mode(), 0660u);
    }
    ::umask(0);
    {
        const auto server = listen(socket_path(), Access::user);
        ASSERT_TRUE(server.has_value());
        EXPECT_EQ(mode(), 0600u);
    }
    ::umask(before);
    EXPECT_FALSE(std::filesystem::exists(socket_path())) << "it goes with the server";
}

TEST_F(SocketFileTest, APathThatIsTooLongIsRefused) {
    EXPECT_EQ(failure(directory_.path() / std::string(100, 'x')), Errc::invalid);
    const auto rest = 107 - directory_.path().native().size() - 1;
    EXPECT_TRUE(listen(directory_.path() / std::string(rest, 'x')).has_value());
}

TEST_F(SocketFileTest, ADirectoryThatAnybodyMayWriteToIsRefused) {
    ASSERT_EQ(::chmod(directory_.path().c_str(), 01777), 0);
    EXPECT_EQ(failure(socket_path()), Errc::denied);
    EXPECT_EQ(failure(directory_.path() / "missing" / "api.sock"), Errc::not_found);
}

TEST_F(SocketFileTest, ALiveSocketIsLeftAlone) {
    start();
    boost::asio::io_context other;
    const auto second = Server::listen(other, service_, socket_path(), Access::user);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::busy);
    EXPECT_EQ(ask(request_text("GET /v1")).status, 200);
}

TEST_F(SocketFileTest, AStaleSocketIsReplaced) {
    ::close(bound_socket());
    start();
    EXPECT_EQ(ask(request_text("GET /v1")).status, 200);
}

TEST_F(SocketFileTest, WhatIsNoSocketIsLeftAlone) {
    std::ofstream(socket_path()) << "mine";
    EXPECT_EQ(failure(socket_path()), Errc::exists);
    EXPECT_TRUE(std::filesystem::is_regular_file(socket_path()));
}

TEST_F(SocketFileTest, AnotherDaemonsSocketIsNotRemoved) {
    auto server = listen(socket_path());
    ASSERT_TRUE(server.has_value());
    std::filesystem::remove(socket_path());
    const int other = bound_socket();
    server->reset();
    EXPECT_TRUE(std::filesystem::exists(socket_path()));
    ::close(other);
}

TEST_F(SocketFileTest, AListeningDescriptorIsAdopted) {
    const int fd = bound_socket();
    ASSERT_EQ(::listen(fd, 8), 0);
    RawClient early(socket_path());
    {
        auto server = Server::adopt(context_, service_, fd);
        ASSERT_TRUE(server.has_value()) << describe(server.error());
        early.send(request_text("GET /v1"));
        std::thread loop([&] { context_.run_for(seconds(5)); });
        EXPECT_EQ(early.read().status, 200);
        on_server([&] { server->reset(); });
        context_.stop();
        loop.join();
    }
    EXPECT_TRUE(std::filesystem::exists(socket_path())) << "it is not ours to remove";
}

TEST_F(SocketFileTest, WhatDoesNotListenIsNotAdopted) {
    const int bound = bound_socket();
    const auto first = Server::adopt(context_, service_, bound);
    ASSERT_FALSE(first.has_value());
    EXPECT_EQ(first.error().code, Errc::invalid);
    ::close(bound);
    const int internet = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (internet >= 0 && ::listen(internet, 1) == 0) {
        EXPECT_FALSE(Server::adopt(context_, service_, internet).has_value());
    }
    ::close(internet);
}

}  // namespace
}  // namespace wcmp::api::test
