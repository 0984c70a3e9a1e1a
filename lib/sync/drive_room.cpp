#include "sync/drive_room.h"

#include "core/limits.h"

#include <algorithm>
#include <optional>

namespace wcmp::sync {
namespace {

constexpr std::uint64_t unlimited = ~std::uint64_t{0};

// Nothing for a directory that cannot be asked, or written.
std::optional<std::uint64_t> free_bytes_of(const io::Directory& directory) {
    const auto space = directory.space();
    if (!space || space->read_only) return std::nullopt;
    return space->free_bytes;
}

std::uint64_t above(std::uint64_t number, std::uint64_t other) {
    return number > other ? number - other : 0;
}

}  // namespace

std::uint64_t free_for_commit(const io::Directory& directory, std::uint64_t keep_free_bytes) {
    const auto free = free_bytes_of(directory);
    return free ? above(*free, keep_free_bytes + limits::commit_reserve_bytes) : unlimited;
}

DriveRoom room_on(const io::Directory& drive, const VisitSettings& settings, const Readers& bundles) {
    const auto free = free_bytes_of(drive);
    if (!free) return {};
    const auto reserved = settings.drive_keep_free_bytes + limits::commit_reserve_bytes;
    std::uint64_t used = 0;
    for (const auto& reader : bundles) used += reader->header().file_bytes;
    const auto usable = above(*free, reserved);
    return {.free_bytes = usable,
            .new_bytes = std::min(usable, above(settings.drive_bytes_max, used)),
            .missing_bytes = std::max(above(reserved, *free), above(used, settings.drive_bytes_max))};
}

}  // namespace wcmp::sync
