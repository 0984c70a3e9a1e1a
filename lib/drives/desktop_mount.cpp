#include "drives/desktop_mount.h"

#include "io/system_error.h"

#include <algorithm>
#include <charconv>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace wcmp::drives {
namespace {

// Another mount may lie over the point, or the device's may have gone since the table was read.
Result<io::UniqueFd> open_point(const std::string& point, DeviceNumber device) {
    io::UniqueFd root(::open(point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return io::system_error("cannot open what the desktop has mounted");
    struct stat status{};
    if (::fstat(root.get(), &status) != 0) return io::system_error("cannot examine the drive");
    if (status.st_dev != ::makedev(device.major, device.minor))
        return fail(Errc::busy, "the desktop has mounted something else in the drive's place");
    return root;
}

// What another thread has closed meanwhile is open no more.
Result<bool> is_on(int descriptor, DeviceNumber device) {
    struct statx status{};
    // Nothing is asked of file systems that may not answer.
    if (::statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0)
        return status.stx_dev_major == device.major && status.stx_dev_minor == device.minor;
    if (errno == EBADF) return false;
    return io::system_error("cannot examine what is open here");
}

}  // namespace

std::vector<std::string> mount_points(const MountTable& mounts, DeviceNumber device) {
    std::vector<std::string> points, read_only;
    for (const auto& mount : mounts.mounts()) {
        if (mount.device != device || mount.root != "/") continue;
        (mount.read_only ? read_only : points).push_back(mount.point);
    }
    points.insert(points.end(), read_only.begin(), read_only.end());
    return points;
}

Result<io::UniqueFd> open_mounted(DeviceNumber device, const SystemPaths& system) {
    const MountTable mounts(read_system_texts(system).mountinfo);
    Error why{Errc::busy, "the desktop has not mounted the drive"};
    for (const auto& point : mount_points(mounts, device)) {
        auto root = open_point(point, device);
        if (root) return root;
        if (root.error().code != Errc::not_found) why = root.error();  // else it was unmounted in this moment
    }
    return std::unexpected(why);
}

Result<bool> is_open_here(DeviceNumber device) {
    std::error_code failed;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const auto name = entry->path().filename().string();
        int descriptor = -1;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        WCMP_ASSIGN(const bool is_here, is_on(descriptor, device));
        if (is_here) return true;
    }
    if (failed) return fail(Errc::io, "cannot list what is open here", failed.value());
    return false;
}

}  // namespace wcmp::drives
