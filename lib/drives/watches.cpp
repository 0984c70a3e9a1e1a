#include "drives/watches.h"

#include <array>

#include <sys/inotify.h>
#include <unistd.h>

namespace wcmp::drives {

Watches::Watches() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

bool Watches::add(const std::filesystem::path& path) const {
    constexpr std::uint32_t events =
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    return fd_ && ::inotify_add_watch(fd_.get(), path.c_str(), events) >= 0;
}

// Answers the child of the lowest directory above that could be watched.
std::filesystem::path Watches::watch_above(const std::filesystem::path& directory) const {
    auto child = directory;
    while (!add(child.parent_path()) && child.parent_path() != child.root_path()) child = child.parent_path();
    return child;
}

void Watches::watch(const std::filesystem::path& directory, std::string_view folder) const {
    // What appears on the way before its parent is watched gives no event: look again, a little lower.
    constexpr int attempts = 8;
    std::error_code unknown;
    for (int i = 0; i < attempts; ++i) {
        const auto missing = watch_above(directory);
        if (missing == directory || !std::filesystem::exists(missing, unknown)) break;
    }
    add(directory);
    add(directory / folder);
}

bool Watches::drain() const {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    bool any = false;
    while (::read(fd_.get(), buffer.data(), buffer.size()) > 0) any = true;
    return any;
}

}  // namespace wcmp::drives
