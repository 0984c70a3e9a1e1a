// The wiring of wcmp-mountd: socket, devices, signals to people, signals to the process, service manager.
#pragma once

#include "detached_mount.h"
#include "drives/devices.h"

#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace wcmp::mountd {

struct Options {
    std::string user = "wcmp";
    std::filesystem::path socket = "/run/wcmp-mountd/handover.sock";
    std::filesystem::path store = "/var/lib/wcmp";
    std::vector<drives::FileSystemKind> file_systems{drives::FileSystemKind::vfat,
                                                     drives::FileSystemKind::exfat};
    std::vector<std::string> lights{"ACT", "led0"};
    std::string beeper;  // empty: none
    // What the lights did before; the folder must outlive the process.
    std::filesystem::path light_memory = "/run/wcmp-mountd/light";
    std::string version;
};

// Runs until a signal ends it; answers the exit code.
int run(const Options& options, boost::asio::io_context& io, drives::Devices& devices);

}  // namespace wcmp::mountd
