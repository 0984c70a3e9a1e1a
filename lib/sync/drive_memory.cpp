#include "sync/drive_memory.h"

namespace wcmp::sync {
namespace {

// Far above what the drives of a run hold. Beyond it the memory starts anew, which costs only time.
constexpr std::size_t remembered_max = 65'536;

}  // namespace

std::uint64_t CheckTurns::last(const bundle::Name& name, std::uint64_t size) const {
    const std::lock_guard lock(mutex_);
    const auto found = last_.find({name, size});
    return found == last_.end() ? 0 : found->second;
}

void CheckTurns::note(const bundle::Name& name, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (last_.size() >= remembered_max) last_.clear();
    last_[{name, size}] = ++turns_;
}

bool VoidSightings::is_abandoned(const bundle::Name& name, const io::FileStatus& status,
                                 std::chrono::nanoseconds now) {
    const std::lock_guard lock(mutex_);
    const Place place{name, {status.device, status.inode}};
    if (seen_.size() >= remembered_max && !seen_.contains(place)) seen_.clear();
    const auto [found, is_new] = seen_.try_emplace(place, Sighting{.status = status, .first = now});
    if (!is_new && found->second.status != status) found->second = {.status = status, .first = now};
    return now - found->second.first >= wait;
}

}  // namespace wcmp::sync
