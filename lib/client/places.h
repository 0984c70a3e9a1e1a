// Where a person's things are: the home and the relay's socket.
#pragma once

#include <filesystem>
#include <string>

namespace wcmp::client {

// What the environment says; empty is as if not set.
struct Surroundings {
    std::string home;             // HOME
    std::string xdg_data_home;    // XDG_DATA_HOME
    std::string xdg_runtime_dir;  // XDG_RUNTIME_DIR
    std::string wcmp_home;        // WCMP_HOME
    std::string wcmp_socket;      // WCMP_SOCKET
};

Surroundings surroundings();

// --home, WCMP_HOME, $XDG_DATA_HOME/wcmp, ~/.local/share/wcmp. Empty when nothing says where.
std::filesystem::path choose_home(const std::string& asked, const Surroundings& around);

// --socket, WCMP_SOCKET, the user's socket if it exists, the system's (lib/api/API.md).
std::filesystem::path choose_socket(const std::string& asked, const Surroundings& around);

}  // namespace wcmp::client
