#include "unit/drives/scripted_mountd.h"

#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::drives::test {

namespace {

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

void wait_for(int descriptor, short event = POLLIN) {
    pollfd waiting{.fd = descriptor, .events = event, .revents = 0};
    require(::poll(&waiting, 1, 20'000) == 1, "wcmpd says nothing, or reads nothing");
}

}  // namespace

ScriptedMountd::ScriptedMountd(std::filesystem::path socket)
    : path_(std::move(socket)), listening_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    require(path_.native().size() < sizeof address.sun_path, "the socket's path is too long");
    std::memcpy(address.sun_path, path_.c_str(), path_.native().size());
    const auto bound =
        ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    require(bound && ::listen(listening_.get(), 4) == 0, "cannot listen");
}

ScriptedMountd::~ScriptedMountd() {
    ::unlink(path_.c_str());
}

void ScriptedMountd::accept() {
    wait_for(listening_.get());
    channel_.emplace(io::UniqueFd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    require(channel_->descriptor() >= 0, "cannot accept");
}

std::optional<handover::Message> ScriptedMountd::hear() {
    wait_for(channel_->descriptor());
    const auto received = channel_->receive();
    if (!received && received.error().code == Errc::not_found) return {};
    require(received.has_value() && received->has_value(), "wcmpd says what is malformed");
    return (*received)->message;
}

void ScriptedMountd::say(const handover::Message& message, int descriptor) {
    auto sent = channel_->send(message, descriptor);
    while (!sent && sent.error().code == Errc::busy) {
        wait_for(channel_->descriptor(), POLLOUT);
        sent = channel_->send(message, descriptor);
    }
    require(sent.has_value(), "cannot send");
}

void ScriptedMountd::say_bytes(ByteView bytes) {
    require(::send(channel_->descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0, "cannot send");
}

void ScriptedMountd::hand_over(std::uint32_t drive, const std::filesystem::path& directory) {
    const io::UniqueFd root(::open(directory.c_str(), O_PATH | O_CLOEXEC));
    say({.what = handover::What::mounted, .drive = drive}, root.get());
}

void ScriptedMountd::serve(std::uint32_t drive, const std::filesystem::path& directory) {
    accept();
    say({.what = handover::What::drive, .drive = drive, .file_system = FileSystemKind::vfat});
    say({.what = handover::What::announced});
    while (const auto message = hear()) {
        if (message->what == handover::What::mount) hand_over(message->drive, directory);
        if (message->what == handover::What::release)
            say({.what = handover::What::released, .drive = message->drive});
    }
}

}  // namespace wcmp::drives::test
