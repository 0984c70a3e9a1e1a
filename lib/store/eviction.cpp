#include "store/eviction.h"

#include <algorithm>

namespace wcmp::store {

std::uint64_t Ranking::rank(ByteView id) {
    key_.update(id);
    const auto code = key_.finish();
    std::uint64_t rank = 0;
    for (std::size_t i = 0; i < sizeof rank; ++i) rank = rank << 8 | code[i];
    return rank;
}

void ThresholdSearch::add(std::uint64_t rank, std::uint64_t bytes) {
    if (known_bits_ == 0) total_ += bytes;
    if (!is_inside(rank)) return;
    auto& bucket = buckets_[rank >> (64 - bucket_bits - known_bits_) & (bucket_count - 1)];
    bucket.bytes += bytes;
    bucket.lowest = std::min(bucket.lowest, rank);
    bucket.highest = std::max(bucket.highest, rank);
}

// From the top: the bucket with which the share is reached holds the rank that is looked for. All of one rank
// in it: that is the one. So it is after 64 bits at the latest.
std::optional<std::uint64_t> ThresholdSearch::end_round() {
    if (total_ == 0) return threshold_max;
    std::size_t place = bucket_count;
    auto reached = above_;
    while (place > 0 && !is_worth_rewriting(reached, total_)) {
        above_ = reached;
        reached += buckets_[--place].bytes;
    }
    const auto found = buckets_[place];
    const bool is_last = known_bits_ + bucket_bits == 64;
    if (found.lowest == found.highest || is_last) return found.lowest;
    prefix_ = prefix_ << bucket_bits | place;
    known_bits_ += bucket_bits;
    std::ranges::fill(buckets_, Bucket{});
    return std::nullopt;
}

bool may_raise(const RaiseQuestion& question) {
    const bool has_room = question.bytes < question.quota - question.quota / 4;
    return has_room && (!question.last || question.now - *question.last >= raise_every);
}

}  // namespace wcmp::store
