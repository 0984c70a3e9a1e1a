// What wcmpd and wcmp-mountd say to each other: fixed-size messages over a SOCK_SEQPACKET socket, at most one
// descriptor with each. Nothing that stands on a drive is in them: numbers and states only.
//
// mountd tells which drives there are (drive, gone; announced once all were told that were there when wcmpd
// connected). wcmpd asks for one (mount) and gets it (mounted, with an O_PATH descriptor of the root of a
// mount that stands nowhere in the file tree) or not (not_mounted). When it has closed everything, it says so
// (release), and mountd finds out whether the device is free: released, or still_in_use. When a drive should
// go, mountd asks for it (give_back); wcmpd closes within 30 s, then says release as ever.
//
//     offset  size  field
//     0       1     version = 1
//     1       1     what
//     2       1     readiness (drive)
//     3       1     file system (drive)
//     4       4     drive, counted up by mountd since its start; 0 where the message is about none
//     8       4     errno of the system call that failed (not_mounted, still_in_use), else 0
//     12      1     flags: bit 0: mounted for reading only (mounted)
//     13      1     light (show)
//     14      4     carrier (drive): what was plugged in, counted up by mountd since its start; 0: not known
//     18      14    zeros
#pragma once

#include "core/bytes.h"
#include "core/error.h"
#include "drives/light.h"
#include "drives/source.h"
#include "io/unique_fd.h"

#include <array>
#include <optional>

#include <sys/types.h>

namespace wcmp::drives::handover {

inline constexpr std::size_t message_bytes = 32;
inline constexpr std::uint8_t version = 1;

enum class What : std::uint8_t {
    // from mountd
    drive = 1,
    gone = 2,
    announced = 3,
    mounted = 4,      // with the descriptor
    not_mounted = 5,  // errno 0: it is not ready, or has gone
    released = 6,
    still_in_use = 7,
    give_back = 8,
    // from wcmpd
    mount = 65,
    release = 66,
    show = 67,
};

struct Message {
    What what = What::announced;
    std::uint32_t drive = 0;
    Readiness readiness = Readiness::ready;
    FileSystemKind file_system = FileSystemKind::other;
    int os_error = 0;
    bool read_only = false;
    Light light = Light::idle;
    std::uint32_t carrier = 0;

    bool operator==(const Message&) const = default;
};

std::array<std::uint8_t, message_bytes> encode(const Message& message);
// Errc::unsupported: another version; Errc::invalid: a value that there is not, or bytes that should be zero.
Result<Message> decode(ByteView bytes);

struct Received {
    Message message;
    io::UniqueFd descriptor;  // with mounted only
};

// One end of a connection. Its descriptor does not block.
class Channel {
public:
    explicit Channel(io::UniqueFd socket) : socket_(std::move(socket)) {}

    int descriptor() const { return socket_.get(); }

    // Errc::busy when the other side does not read: it is to be treated as gone.
    Result<void> send(const Message& message, int descriptor = -1) const;
    // Nothing when there is none at this moment. Errc::not_found when the other side has closed; what is
    // malformed, or carries a descriptor that it should not, is an error: the connection is of no use then.
    Result<std::optional<Received>> receive() const;

    // Who is at the other end (SO_PEERCRED).
    Result<uid_t> peer() const;

private:
    io::UniqueFd socket_;
};

// Connects to the socket at the path. Errc::not_found: nothing listens there.
Result<Channel> connect(const char* path);

}  // namespace wcmp::drives::handover
