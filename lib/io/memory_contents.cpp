#include "io/memory_contents.h"

namespace wcmp::io {

std::size_t Survival::pick(std::size_t versions) {
    if (style_ == 0) return 0;
    if (style_ == 1) return versions;
    return static_cast<std::size_t>(random_.next() % (versions + 1));
}

void MemoryContents::write(std::size_t offset, ByteView bytes) {
    if (bytes.empty()) return;
    const auto end = offset + bytes.size();
    if (end > now_.size()) {
        now_.resize(end);
        unsynced_sizes_.push_back(end);
    }
    std::copy(bytes.begin(), bytes.end(), now_.begin() + static_cast<std::ptrdiff_t>(offset));
    for (auto sector = offset / sector_bytes; sector * sector_bytes < end; ++sector) {
        const auto from = sector * sector_bytes;
        const auto view = ByteView(now_).subspan(from, std::min(sector_bytes, now_.size() - from));
        unsynced_[sector].emplace_back(view.begin(), view.end());
    }
}

void MemoryContents::put_on_medium(std::size_t sector, const Bytes& bytes) {
    const auto from = sector * sector_bytes;
    if (from >= medium_.size()) return;  // its size did not get there
    const auto count = std::min(bytes.size(), medium_.size() - from);
    std::copy_n(bytes.begin(), count, medium_.begin() + static_cast<std::ptrdiff_t>(from));
}

void MemoryContents::sync() {
    if (!unsynced_sizes_.empty()) medium_.resize(unsynced_sizes_.back());
    for (const auto& [sector, versions] : unsynced_) put_on_medium(sector, versions.back());
    unsynced_.clear();
    unsynced_sizes_.clear();
}

void MemoryContents::settle(Survival& survival) {
    const auto size = survival.pick(unsynced_sizes_.size());
    if (size > 0) medium_.resize(unsynced_sizes_[size - 1]);
    for (const auto& [sector, versions] : unsynced_) {
        const auto version = survival.pick(versions.size());
        if (version > 0) put_on_medium(sector, versions[version - 1]);
    }
    unsynced_.clear();
    unsynced_sizes_.clear();
}

}  // namespace wcmp::io
