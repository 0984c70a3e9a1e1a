#include "service/activation.h"

#include "service/environment.h"

#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace wcmp::daemon {

namespace {

constexpr int first_passed_descriptor = 3;  // SD_LISTEN_FDS_START

}  // namespace

Result<std::optional<int>> passed_socket() {
    const auto pid = taken_from_environment("LISTEN_PID");
    const auto count = taken_from_environment("LISTEN_FDS");
    taken_from_environment("LISTEN_FDNAMES");
    if (pid != std::to_string(::getpid()) || count.empty() || count == "0") return std::nullopt;
    if (count != "1") return fail(Errc::invalid, "the service manager passed more than one socket");
    if (::fcntl(first_passed_descriptor, F_SETFD, FD_CLOEXEC) != 0)
        return fail(Errc::invalid, "the service manager passed no socket");
    return first_passed_descriptor;
}

}  // namespace wcmp::daemon
