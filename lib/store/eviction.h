// Which messages a full store lets go: a random share of all, another one on every relay, the same one again
// and again (lib/bundle/BUNDLE.md, section 7, "Eviction"). Pure.
#pragma once

#include "core/ids.h"
#include "crypto/hmac.h"

#include <array>
#include <chrono>
#include <optional>
#include <vector>

namespace wcmp::store {

// Where a message stands, by a secret of this store: nobody else can choose it. Not for two threads at once.
class Ranking {
public:
    explicit Ranking(const std::array<std::uint8_t, 32>& salt) : key_(ByteView(salt)) {}

    // The first 8 bytes of HMAC-SHA-256(salt, id).
    std::uint64_t rank(ByteView id);

private:
    crypto::HmacKey key_;
};

// At first, and as far as it ever rises.
inline constexpr std::uint64_t threshold_max = ~std::uint64_t{0};

// A message with this rank is not taken in, and may be dropped.
constexpr bool is_evicted(std::uint64_t rank, std::uint64_t threshold) {
    return rank >= threshold;
}

// Whether what would go of a bundle, or of a store, is worth the rewriting of the rest: at least 1/5, so that
// no more than 4 bytes are rewritten for one that is freed.
constexpr bool is_worth_rewriting(std::uint64_t dropped_bytes, std::uint64_t bytes) {
    return dropped_bytes > 0 && dropped_bytes >= bytes / 5 + (bytes % 5 == 0 ? 0 : 1);
}

// The largest threshold at which at least 1/5 of all message bytes are evicted. Everything is added once a
// round; a round narrows it down by 16 bits, so the memory is the same whatever the store holds.
class ThresholdSearch {
public:
    ThresholdSearch() : buckets_(bucket_count) {}

    void add(std::uint64_t rank, std::uint64_t bytes);

    // Ends a round. Nothing: another one is needed, with the same messages.
    std::optional<std::uint64_t> end_round();

private:
    struct Bucket {
        std::uint64_t bytes = 0;
        std::uint64_t lowest = threshold_max;  // rank
        std::uint64_t highest = 0;
    };
    static constexpr unsigned bucket_bits = 16;
    static constexpr std::size_t bucket_count = std::size_t{1} << bucket_bits;

    bool is_inside(std::uint64_t rank) const {
        return known_bits_ == 0 || rank >> (64 - known_bits_) == prefix_;
    }

    std::vector<Bucket> buckets_;
    std::uint64_t prefix_ = 0;  // the upper bits of what is looked for
    unsigned known_bits_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t above_ = 0;  // bytes of the ranks above those with the prefix
};

// When a store that has room again takes in more: at most this often, and below 3/4 of its quota.
inline constexpr std::chrono::hours raise_every{6};

struct RaiseQuestion {
    std::uint64_t bytes = 0;
    std::uint64_t quota = 0;
    std::chrono::nanoseconds now{};  // CLOCK_BOOTTIME
    std::optional<std::chrono::nanoseconds> last{};
};
bool may_raise(const RaiseQuestion& question);

constexpr std::uint64_t raised(std::uint64_t threshold) {
    return threshold > threshold_max - threshold / 2 ? threshold_max : threshold + threshold / 2;
}

}  // namespace wcmp::store
