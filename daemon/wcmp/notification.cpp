#include "notification.h"

#include "exit_codes.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wcmp::program {

namespace {

std::unexpected<Failure> no_program() {
    return refuse(exit_nothing, "notify-send cannot be run: install libnotify-bin, or leave --notify out");
}

}  // namespace

Outcome<void> check_notifications() {
    const char* const set = std::getenv("PATH");
    std::string_view rest = set != nullptr ? set : "/usr/bin:/bin";
    while (!rest.empty()) {
        const auto folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (::access((std::string(folder) + "/notify-send").c_str(), X_OK) == 0) return {};
    }
    return no_program();
}

Outcome<void> notify(const std::string& title, const std::string& text, bool urgent) {
    std::string program = "notify-send", app = "--app-name=wcmp", end = "--";
    std::string urgency = urgent ? "--urgency=critical" : "--urgency=normal";
    std::string heading = title, body = text;
    const std::array<char*, 7> arguments{program.data(), app.data(),  urgency.data(), end.data(),
                                         heading.data(), body.data(), nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, "notify-send", nullptr, nullptr, arguments.data(), environ);
    if (failed != 0) return no_program();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return {};
}

}  // namespace wcmp::program
