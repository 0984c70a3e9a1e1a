#include "sync/displacement.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

using Positions = std::vector<std::size_t>;

std::uint64_t bytes_of(const std::vector<FullDrive::Bundle>& bundles) {
    std::uint64_t sum = 0;
    for (const auto& bundle : bundles) sum += bundle.file_bytes;
    return sum;
}

// As the order has them, until there is enough; what would be too much is passed over.
std::uint64_t take(const FullDrive& drive, const Positions& order, std::uint64_t needed, std::uint64_t most,
                   Positions& chosen) {
    std::uint64_t taken = 0;
    for (const auto position : order) {
        if (taken >= needed) break;
        const auto bytes = drive.bundles[position].file_bytes;
        if (bytes > most - taken) continue;
        taken += bytes;
        chosen.push_back(position);
    }
    return taken;
}

// The last one may have made earlier ones needless.
void spare_needless(const FullDrive& drive, std::uint64_t needed, std::uint64_t taken, Positions& chosen) {
    std::erase_if(chosen, [&](std::size_t position) {
        const auto bytes = drive.bundles[position].file_bytes;
        if (taken < needed || taken - needed < bytes) return false;
        taken -= bytes;
        return true;
    });
}

}  // namespace

std::uint64_t displaced_bytes_max(std::uint64_t bundle_bytes) {
    return std::min(bundle_bytes / limits::displaced_share, limits::displaced_bytes_max);
}

Result<Positions> choose_displaced(const FullDrive& drive, Random& random) {
    Positions chosen;
    const auto most = displaced_bytes_max(bytes_of(drive.bundles));
    const auto aim = std::min(drive.wanted_bytes, most);
    if (drive.room_bytes >= aim || drive.missing_bytes >= most) return chosen;
    const auto needed = aim - drive.room_bytes + drive.missing_bytes;
    Positions order;
    for (std::size_t i = 0; i < drive.bundles.size(); ++i)
        if (drive.bundles[i].held) order.push_back(i);
    WCMP_TRY(shuffle(random, order));
    const auto taken = take(drive, order, needed, most, chosen);
    spare_needless(drive, needed, taken, chosen);
    if (taken <= drive.missing_bytes) chosen.clear();
    return chosen;
}

}  // namespace wcmp::sync
