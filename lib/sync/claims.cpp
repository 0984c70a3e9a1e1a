#include "sync/claims.h"

#include "core/limits.h"

#include <algorithm>
#include <cmath>

namespace wcmp::sync {
namespace {

// Uniform in (0, 1).
Result<double> fraction(Random& random) {
    constexpr std::uint64_t steps = std::uint64_t{1} << 52;
    WCMP_ASSIGN(const auto number, uniform(random, steps));
    return (static_cast<double>(number) + 0.5) / static_cast<double>(steps);
}

}  // namespace

Result<void> ClaimSample::take(const bundle::Entry& entry, Random& random) {
    if (size_ == 0) return {};
    if (entries_.size() < size_) {
        entries_.push_back(entry);
        next_ = offered_ + 1;
        return entries_.size() < size_ ? Result<void>{} : skip(random);
    }
    WCMP_ASSIGN(const auto place, uniform(random, size_));
    entries_[static_cast<std::size_t>(place)] = entry;
    return skip(random);
}

// Li, "Reservoir-Sampling Algorithms of Time Complexity O(n(1 + log(N/n)))", algorithm L.
Result<void> ClaimSample::skip(Random& random) {
    WCMP_ASSIGN(const double first, fraction(random));
    WCMP_ASSIGN(const double second, fraction(random));
    largest_ *= std::exp(std::log(first) / static_cast<double>(size_));
    constexpr double never = 0x1p62;
    const double passed_over = std::floor(std::log(second) / std::log1p(-largest_));
    next_ = offered_ + 1 + static_cast<std::uint64_t>(std::min(passed_over, never));
    return {};
}

std::size_t claims_per_bundle(std::size_t bundles) {
    if (bundles == 0) return 0;
    const auto share = limits::claims_checked_per_visit_max / bundles;
    return std::clamp(share, std::size_t{1}, limits::claims_checked_per_bundle_max);
}

}  // namespace wcmp::sync
