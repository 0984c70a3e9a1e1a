#include "sync/sampling.h"

#include <cstring>

namespace wcmp::sync {
namespace {

constexpr std::uint64_t everything = ~std::uint64_t{0};

// The finaliser of SplitMix64. The salt is fresh and never told: ids cannot be chosen to pass.
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

Result<Sampling> Sampling::to_fit(std::uint64_t wanted_bytes, std::uint64_t room_bytes, Random& random) {
    Sampling result;
    if (wanted_bytes <= room_bytes) return result;
    for (auto& word : result.salt_) {
        std::array<std::uint8_t, sizeof word> bytes{};
        WCMP_TRY(random.fill(bytes));
        std::memcpy(&word, bytes.data(), sizeof word);
    }
    constexpr double reserve = 0.97;
    const double share = reserve * static_cast<double>(room_bytes) / static_cast<double>(wanted_bytes);
    result.below_ = static_cast<std::uint64_t>(share * 0x1p64);
    return result;
}

Sampling Sampling::below(std::uint64_t bound, const Retention& retention) {
    Sampling result;
    result.rank_ = retention.rank;
    result.below_ = bound;
    return result;
}

bool Sampling::keeps(const MessageId& id) const {
    if (below_ == everything) return true;
    if (rank_) return rank_(id) < below_;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < salt_.size(); ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, id.bytes.data() + i * sizeof word, sizeof word);
        value = mix(value ^ word ^ salt_[i]);
    }
    return value < below_;
}

}  // namespace wcmp::sync
