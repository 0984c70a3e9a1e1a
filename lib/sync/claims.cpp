#include "sync/claims.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {

Result<void> ClaimSample::offer(std::uint32_t position, Random& random) {
    ++offered_;
    if (positions_.size() < size_) {
        positions_.push_back(position);
        return {};
    }
    if (size_ == 0) return {};
    WCMP_ASSIGN(const auto place, uniform(random, offered_));
    if (place < size_) positions_[static_cast<std::size_t>(place)] = position;
    return {};
}

std::size_t claims_per_bundle(std::size_t bundles) {
    if (bundles == 0) return 0;
    const auto share = limits::claims_checked_per_visit_max / bundles;
    return std::clamp(share, std::size_t{1}, limits::claims_checked_per_bundle_max);
}

}  // namespace wcmp::sync
