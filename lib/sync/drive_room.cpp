#include "sync/drive_room.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

constexpr std::uint64_t unlimited = ~std::uint64_t{0};

}  // namespace

std::uint64_t free_for_commit(const io::Directory& directory, std::uint64_t keep_free_bytes) {
    const auto space = directory.space();
    if (!space || space->read_only) return unlimited;
    const auto reserved = keep_free_bytes + limits::commit_reserve_bytes;
    return space->free_bytes > reserved ? space->free_bytes - reserved : 0;
}

DriveRoom room_on(const io::Directory& drive, const VisitSettings& settings, const Readers& bundles) {
    const auto free = free_for_commit(drive, settings.drive_keep_free_bytes);
    if (free == unlimited) return {};
    std::uint64_t used = 0;
    for (const auto& reader : bundles) used += reader->header().file_bytes;
    const auto quota = settings.drive_bytes_max > used ? settings.drive_bytes_max - used : 0;
    return {.free_bytes = free, .new_bytes = std::min(free, quota)};
}

}  // namespace wcmp::sync
