// Any bytes as the table of mounts: only whole file systems of the device that is looked for are answered.
#include "drives/desktop_mount.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wcmp::drives;
    const MountTable table({reinterpret_cast<const char*>(data), size});
    for (const auto& mount : table.mounts()) {
        const auto points = mount_points(table, mount.device);
        const bool answered = std::ranges::find(points, mount.point) != points.end();
        if (mount.root == "/" && !answered) std::abort();
        const auto nearest = table.covering(mount.point);
        if (mount.point.starts_with('/') && nearest.empty()) std::abort();
    }
    return 0;
}
