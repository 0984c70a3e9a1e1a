#include "handover_socket.h"

#include "drives/handover.h"
#include "io/system_error.h"

#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::mountd {

namespace {

// Who may write to the folder may put another socket in this one's place.
Result<void> prepare_folder(const std::filesystem::path& folder) {
    constexpr mode_t passable = 0711;
    if (::mkdir(folder.c_str(), passable) == 0) {
        if (::chmod(folder.c_str(), passable) != 0) return io::system_error("the socket's folder");
        return {};
    }
    if (errno != EEXIST) return io::system_error("cannot make the socket's folder");
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return io::system_error("the socket's folder");
    if ((status.st_mode & S_IWOTH) != 0)
        return fail(Errc::denied, "anybody may write to the socket's folder");
    return {};
}

// What is in the way must be a socket at which nobody listens.
Result<void> clear_stale(const std::filesystem::path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return io::system_error("the socket");
    }
    if (!S_ISSOCK(status.st_mode)) return fail(Errc::exists, "what has the socket's name is no socket");
    const auto answered = drives::handover::connect(path.c_str());
    if (answered || answered.error().os_error == EAGAIN)
        return fail(Errc::busy, "another wcmp-mountd listens there");
    if (answered.error().os_error == EPROTOTYPE)
        return fail(Errc::busy, "the socket belongs to another program");
    if (answered.error().os_error != ECONNREFUSED) return std::unexpected(answered.error());
    if (::unlink(path.c_str()) != 0) return io::system_error("cannot remove the old socket");
    return {};
}

bool has_option(int descriptor, int option, int expected) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 && value == expected;
}

}  // namespace

Result<io::UniqueFd> listen_at(const std::filesystem::path& path, const Owner& user) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path)
        return fail(Errc::invalid, "the socket's path is over 107 bytes");
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    if (path.has_parent_path()) WCMP_TRY(prepare_folder(path.parent_path()));
    WCMP_TRY(clear_stale(path));
    io::UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return io::system_error("cannot make a socket");
    // The name's mode is the descriptor's less the umask: never wider than this, at no moment.
    constexpr mode_t for_its_owner = 0600;
    if (::fchmod(socket.get(), for_its_owner) != 0) return io::system_error("the socket's mode");
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return io::system_error("cannot bind the socket");
    if (::lchown(path.c_str(), user.uid, user.gid) != 0)
        return io::system_error("cannot give the socket to the relay's user");
    constexpr int waiting_max = 8;
    if (::listen(socket.get(), waiting_max) != 0) return io::system_error("cannot listen at the socket");
    return socket;
}

Result<io::UniqueFd> adopt_listening(int descriptor) {
    io::UniqueFd socket(descriptor);
    if (!has_option(descriptor, SO_ACCEPTCONN, 1) || !has_option(descriptor, SO_DOMAIN, AF_UNIX) ||
        !has_option(descriptor, SO_TYPE, SOCK_SEQPACKET))
        return fail(Errc::invalid,
                    "what was passed is not a listening socket of packets (ListenSequentialPacket=)");
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0)
        return io::system_error("cannot set up the socket");
    return socket;
}

}  // namespace wcmp::mountd
