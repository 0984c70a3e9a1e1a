#include "node/arrivals.h"

#include <algorithm>
#include <utility>

namespace wcmp::node {

void Arrivals::add(std::span<const MessageKey> keys) {
    pending_count_ += keys.size();
    const auto taken = std::min(keys.size(), max_ + 1 - pending_.size());
    pending_.insert(pending_.end(), keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(taken));
}

std::uint64_t Arrivals::make_visible() {
    const auto count = std::exchange(pending_count_, 0);
    auto batch = std::exchange(pending_, {});
    if (count > max_) {  // more than the ring holds: every position up to here has run over
        first_ = end() + count;
        ring_.clear();
        return count;
    }
    std::sort(batch.begin(), batch.end());
    ring_.insert(ring_.end(), batch.begin(), batch.end());
    const auto over = ring_.size() > max_ ? ring_.size() - max_ : 0;
    ring_.erase(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(over));
    first_ += over;
    return count;
}

std::optional<std::vector<MessageKey>> Arrivals::from(std::uint64_t position, std::size_t max) const {
    if (position < first_ || position > end()) return std::nullopt;
    const auto begin = ring_.begin() + static_cast<std::ptrdiff_t>(position - first_);
    const auto count = std::min<std::uint64_t>(max, end() - position);
    return std::vector(begin, begin + static_cast<std::ptrdiff_t>(count));
}

}  // namespace wcmp::node
