#include "client/places.h"

#include <cstdlib>

namespace wcmp::client {
namespace {

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string(value);
}

// The XDG rules: a path that is not absolute counts as not set.
bool is_usable(const std::string& folder) {
    return !folder.empty() && folder.front() == '/';
}

}  // namespace

Surroundings surroundings() {
    return {.home = variable("HOME"),
            .xdg_data_home = variable("XDG_DATA_HOME"),
            .xdg_runtime_dir = variable("XDG_RUNTIME_DIR"),
            .wcmp_home = variable("WCMP_HOME"),
            .wcmp_socket = variable("WCMP_SOCKET")};
}

std::filesystem::path choose_home(const std::string& asked, const Surroundings& around) {
    if (!asked.empty()) return asked;
    if (!around.wcmp_home.empty()) return around.wcmp_home;
    if (is_usable(around.xdg_data_home)) return std::filesystem::path(around.xdg_data_home) / "wcmp";
    if (is_usable(around.home)) return std::filesystem::path(around.home) / ".local/share/wcmp";
    return {};
}

std::filesystem::path choose_socket(const std::string& asked, const Surroundings& around) {
    if (!asked.empty()) return asked;
    if (!around.wcmp_socket.empty()) return around.wcmp_socket;
    if (is_usable(around.xdg_runtime_dir)) {
        const auto users = std::filesystem::path(around.xdg_runtime_dir) / "wcmp/api.sock";
        std::error_code ignored;
        if (std::filesystem::exists(users, ignored)) return users;
    }
    return "/run/wcmp/api.sock";
}

}  // namespace wcmp::client
