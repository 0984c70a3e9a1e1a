// inotify: that something changed near a path. What changed is found by looking.
#pragma once

#include "io/unique_fd.h"

#include <filesystem>
#include <string_view>

namespace wcmp::drives {

class Watches {
public:
    Watches();  // without inotify (no descriptors left) it watches nothing

    // Readable when there are events. Invalid when there is no inotify.
    int descriptor() const { return fd_.get(); }

    // Watches the directory, its folder, and the lowest directory above it that exists. Call it again and
    // again: what is watched already stays so. File systems on a network give no events. May block as they
    // do.
    void watch(const std::filesystem::path& directory, std::string_view folder) const;

    // Takes the events that wait. False when there was none.
    bool drain() const;

private:
    bool add(const std::filesystem::path& path) const;
    std::filesystem::path watch_above(const std::filesystem::path& directory) const;

    io::UniqueFd fd_;
};

}  // namespace wcmp::drives
