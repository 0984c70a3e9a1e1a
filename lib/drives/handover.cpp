#include "drives/handover.h"

#include "core/cursor.h"
#include "core/writer.h"
#include "io/system_error.h"

#include <algorithm>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>

namespace wcmp::drives::handover {
namespace {

constexpr std::size_t zeros_at_end = 14;
constexpr std::uint8_t flag_read_only = 1;

bool is_known(std::uint8_t what) {
    return (what >= static_cast<std::uint8_t>(What::drive) &&
            what <= static_cast<std::uint8_t>(What::give_back)) ||
           (what >= static_cast<std::uint8_t>(What::mount) && what <= static_cast<std::uint8_t>(What::show));
}

// The descriptor that came with a packet. Further ones, which nobody may send, are closed.
io::UniqueFd take_descriptor(msghdr& header) {
    io::UniqueFd first;
    for (auto* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
        const auto count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(control) + i * sizeof(int), sizeof descriptor);
            io::UniqueFd owned(descriptor);
            if (!first) first = std::move(owned);
        }
    }
    return first;
}

Result<Received> checked(ByteView bytes, bool truncated, io::UniqueFd descriptor) {
    if (truncated) return fail(Errc::invalid, "a handover message is too long");
    WCMP_ASSIGN(const auto message, decode(bytes));
    if (static_cast<bool>(descriptor) != (message.what == What::mounted))
        return fail(Errc::invalid, "a handover message has a descriptor too many or too few");
    return Received{message, std::move(descriptor)};
}

}  // namespace

std::array<std::uint8_t, message_bytes> encode(const Message& message) {
    Bytes bytes;
    bytes.reserve(message_bytes);
    Writer writer(bytes);
    writer.u8(version);
    writer.u8(static_cast<std::uint8_t>(message.what));
    writer.u8(static_cast<std::uint8_t>(message.readiness));
    writer.u8(static_cast<std::uint8_t>(message.file_system));
    writer.u32(message.drive);
    writer.u32(static_cast<std::uint32_t>(message.os_error));
    writer.u8(message.read_only ? flag_read_only : 0);
    writer.u8(static_cast<std::uint8_t>(message.light));
    writer.u32(message.carrier);
    writer.zeros(zeros_at_end);
    std::array<std::uint8_t, message_bytes> out{};
    std::ranges::copy(bytes, out.begin());
    return out;
}

Result<Message> decode(ByteView bytes) {
    Cursor cursor(bytes);
    WCMP_ASSIGN(const auto its_version, cursor.u8());
    if (its_version != version) return fail(Errc::unsupported, "the handover protocol has another version");
    WCMP_ASSIGN(const auto what, cursor.u8());
    WCMP_ASSIGN(const auto readiness, cursor.u8());
    WCMP_ASSIGN(const auto file_system, cursor.u8());
    WCMP_ASSIGN(const auto drive, cursor.u32());
    WCMP_ASSIGN(const auto os_error, cursor.u32());
    WCMP_ASSIGN(const auto flags, cursor.u8());
    WCMP_ASSIGN(const auto light, cursor.u8());
    WCMP_ASSIGN(const auto carrier, cursor.u32());
    WCMP_ASSIGN(const auto rest, cursor.take(zeros_at_end));
    WCMP_TRY(cursor.finish());
    constexpr std::uint32_t errno_max = 4095;  // the kernel's MAX_ERRNO
    const bool known = is_known(what) && readiness < readiness_count &&
                       file_system < file_system_kind_count && os_error <= errno_max &&
                       flags <= flag_read_only && light < light_count;
    if (!known || std::ranges::any_of(rest, [](auto byte) { return byte != 0; }))
        return fail(Errc::invalid, "a handover message holds what there is not");
    return Message{.what = static_cast<What>(what),
                   .drive = drive,
                   .readiness = static_cast<Readiness>(readiness),
                   .file_system = static_cast<FileSystemKind>(file_system),
                   .os_error = static_cast<int>(os_error),
                   .read_only = flags == flag_read_only,
                   .light = static_cast<Light>(light),
                   .carrier = carrier};
}

Result<void> Channel::send(const Message& message, int descriptor) const {
    auto bytes = encode(message);
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (descriptor >= 0) {
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        auto* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    if (::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
    if (errno == EAGAIN) return fail(Errc::busy, "the other side of the handover does not read", EAGAIN);
    return io::system_error("cannot send a handover message");
}

Result<std::optional<Received>> Channel::receive() const {
    std::array<std::uint8_t, message_bytes + 1> bytes{};
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto length = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (length < 0 && errno == ECONNRESET) return fail(Errc::not_found, "the other side has closed", errno);
    if (length < 0) return io::system_error("cannot receive a handover message");
    auto descriptor = take_descriptor(header);
    if (length == 0) return fail(Errc::not_found, "the other side has closed");
    const auto size = static_cast<std::size_t>(length);
    const bool truncated = size > message_bytes || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    return checked(ByteView(bytes).first(size), truncated, std::move(descriptor));
}

Result<uid_t> Channel::peer() const {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return io::system_error("cannot tell who is at the other side");
    return credentials.uid;
}

Result<Channel> connect(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto length = std::strlen(path);
    if (length >= sizeof address.sun_path) return fail(Errc::too_large, "a socket's path is too long");
    std::memcpy(address.sun_path, path, length);
    io::UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return io::system_error("cannot make a socket");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return Channel(std::move(socket));
    if (errno == ENOENT || errno == ECONNREFUSED)
        return fail(Errc::not_found, "nothing listens there", errno);
    return io::system_error("cannot connect");
}

}  // namespace wcmp::drives::handover
