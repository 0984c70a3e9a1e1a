#include "service/notify.h"

#include "io/unique_fd.h"
#include "service/environment.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace wcmp::daemon {

namespace {

std::optional<std::uint64_t> number(const std::string& text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

}  // namespace

Notifier Notifier::from_environment() {
    Notifier notifier;
    notifier.address_ = taken_from_environment("NOTIFY_SOCKET");
    if (!notifier.address_.empty() && notifier.address_.front() == '@') notifier.address_.front() = '\0';
    const auto usec = number(taken_from_environment("WATCHDOG_USEC"));
    const auto pid = number(taken_from_environment("WATCHDOG_PID"));
    const auto for_us = !pid || *pid == static_cast<std::uint64_t>(::getpid());
    if (usec && *usec > 1 && for_us && !notifier.address_.empty())
        notifier.interval_ = std::chrono::microseconds(*usec / 2);
    return notifier;
}

void Notifier::ready(std::string_view status) const {
    send("READY=1\nSTATUS=" + std::string(status));
}

void Notifier::status(std::string_view status) const {
    send("STATUS=" + std::string(status));
}

void Notifier::reloading() const {
    timespec now{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &now);
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

void Notifier::stopping() const {
    send("STOPPING=1");
}

void Notifier::watchdog() const {
    send("WATCHDOG=1");
}

// The manager's end may be full or gone; nothing here depends on it.
void Notifier::send(const std::string& text) const {
    sockaddr_un address{};
    if (address_.empty() || address_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, address_.data(), address_.size());
    const io::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    [[maybe_unused]] const auto sent = ::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL,
                                                reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace wcmp::daemon
