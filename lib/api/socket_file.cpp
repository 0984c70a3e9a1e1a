#include "api/socket_file.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::api {
namespace {

namespace local = boost::asio::local;
using Socket = local::stream_protocol::socket;

constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;

// Who may write to the directory may put another socket in this one's place, sticky bit or not.
Result<void> check_parent(const std::filesystem::path& path) {
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    struct stat status{};
    if (::stat(parent.c_str(), &status) != 0)
        return std::unexpected(error_from_errno("the socket's directory", errno));
    if (!S_ISDIR(status.st_mode)) return fail(Errc::invalid, "the socket's directory is none");
    if ((status.st_mode & S_IWOTH) != 0)
        return fail(Errc::denied, "anybody may write to the socket's directory");
    return {};
}

// Makes room for a new socket: what stands in the way must be one that nobody listens on.
Result<void> clear_stale(const boost::asio::any_io_executor& executor, const std::filesystem::path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return std::unexpected(error_from_errno("the socket", errno));
    }
    if (!S_ISSOCK(status.st_mode)) return fail(Errc::exists, "what has the socket's name is no socket");
    boost::system::error_code error;
    Socket probe(executor);
    probe.open({}, error);
    if (!error) probe.non_blocking(true, error);
    if (!error) probe.connect(local::stream_protocol::endpoint(path.string()), error);
    if (!error || error == boost::asio::error::would_block || error == boost::asio::error::try_again)
        return fail(Errc::busy, "something listens on this socket already");
    if (error != boost::asio::error::connection_refused)
        return std::unexpected(error_from_errno("the socket", error.value()));
    if (::unlink(path.c_str()) != 0) return std::unexpected(error_from_errno("the socket", errno));
    return {};
}

Result<void> checked(const boost::system::error_code& error) {
    if (error) return std::unexpected(error_from_errno("the socket", error.value()));
    return {};
}

}  // namespace

Result<Acceptor> listen_at(const boost::asio::any_io_executor& executor, const std::filesystem::path& path,
                           mode_t mode) {
    if (path.native().size() > path_bytes_max)
        return fail(Errc::invalid, "the socket's path is over 107 bytes");
    WCMP_TRY(check_parent(path));
    WCMP_TRY(clear_stale(executor, path));
    boost::system::error_code error;
    Acceptor acceptor(executor);
    acceptor.open({}, error);
    WCMP_TRY(checked(error));
    // The name's mode is the descriptor's less the umask: never wider than asked for, at no moment, and no
    // umask of other threads is touched. What the umask took away is given back before anybody can connect.
    if (::fchmod(acceptor.native_handle(), mode) != 0)
        return std::unexpected(error_from_errno("the socket's mode", errno));
    acceptor.bind(local::stream_protocol::endpoint(path.string()), error);
    WCMP_TRY(checked(error));
    if (::chmod(path.c_str(), mode) != 0)
        return std::unexpected(error_from_errno("the socket's mode", errno));
    acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    WCMP_TRY(checked(error));
    return acceptor;
}

Result<Acceptor> adopt_listening(const boost::asio::any_io_executor& executor, int descriptor) {
    int listens = 0;
    socklen_t length = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 || listens == 0)
        return fail(Errc::invalid, "what was handed over is not a listening socket");
    int domain = 0;
    length = sizeof domain;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0 || domain != AF_UNIX)
        return fail(Errc::invalid, "what was handed over is not a Unix socket");
    boost::system::error_code error;
    Acceptor acceptor(executor);
    acceptor.assign({}, descriptor, error);
    WCMP_TRY(checked(error));
    return acceptor;
}

ino_t inode_of(const std::filesystem::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void remove_socket(const std::filesystem::path& path, ino_t inode) {
    if (inode != 0 && inode_of(path) == inode) ::unlink(path.c_str());
}

}  // namespace wcmp::api
