#include "drives/folder_arrivals.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace wcmp::drives {

using boost::system::error_code;

namespace {

// FAT and exFAT find it by any spelling.
bool is_same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

FolderArrivals::FolderArrivals(boost::asio::io_context& io, std::string folder,
                               std::function<void(DriveId)> arrived)
    : folder_(std::move(folder)),
      arrived_(std::move(arrived)),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      readable_(io) {}

void FolderArrivals::start() {
    io::UniqueFd same(inotify_ ? ::fcntl(inotify_.get(), F_DUPFD_CLOEXEC, 0) : -1);
    error_code failed;
    if (same) readable_.assign(same.release(), failed);
    await();
}

void FolderArrivals::stop() {
    error_code ignored;
    readable_.close(ignored);
}

void FolderArrivals::watch(int root, DriveId id) {
    if (!inotify_) return;
    // By the descriptor: nothing that lies over the mount's path is watched in its place.
    const auto path = "/proc/self/fd/" + std::to_string(root);
    // Not under the lock: a drive may hang.
    const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
    if (watch < 0) return;
    const std::scoped_lock guard(mutex_);
    drives_[watch] = id;
}

void FolderArrivals::await() {
    if (!readable_.is_open()) return;
    readable_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                         [self = shared_from_this()](const error_code& failed) {
                             if (failed || !self->readable_.is_open()) return;
                             for (const auto id : self->take())
                                 if (self->readable_.is_open()) self->arrived_(id);  // one may lead to stop()
                             self->await();
                         });
}

std::vector<DriveId> FolderArrivals::take() {
    std::vector<DriveId> arrived;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    const auto length = ::read(inotify_.get(), buffer.data(), buffer.size());
    const std::scoped_lock guard(mutex_);
    for (ssize_t at = 0; at < length;) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const auto* const name = buffer.data() + at + sizeof event;
        at += static_cast<ssize_t>(sizeof event + event.len);
        const auto drive = drives_.find(event.wd);
        if ((event.mask & IN_Q_OVERFLOW) != 0) {  // some were lost: it may have been any of them
            for (const auto& [watch, id] : drives_) arrived.push_back(id);
        } else if (drive == drives_.end()) {
            continue;
        } else if ((event.mask & IN_IGNORED) != 0) {
            drives_.erase(drive);
        } else if (event.len > 0 && is_same_name(name, folder_)) {
            arrived.push_back(drive->second);
        }
    }
    return arrived;
}

}  // namespace wcmp::drives
