#include "sync/distrust.h"

namespace wcmp::sync {

bool Distrust::contains(const bundle::Name& name, std::uint64_t size) const {
    const std::lock_guard lock(mutex_);
    return wrong_.contains({name, size});
}

void Distrust::add(const bundle::Name& name, std::uint64_t size) {
    constexpr std::size_t remembered_max = 65'536;
    const std::lock_guard lock(mutex_);
    if (wrong_.size() < remembered_max) wrong_.emplace(name, size);
}

void Distrust::remove(const bundle::Name& name) {
    const std::lock_guard lock(mutex_);
    std::erase_if(wrong_, [&](const auto& entry) { return entry.first == name; });
}

}  // namespace wcmp::sync
