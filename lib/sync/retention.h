// What a store keeps when not all have room: by a secret rank of each message, which the store knows and
// nobody else (lib/bundle/BUNDLE.md, section 7).
#pragma once

#include "core/ids.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace wcmp::sync {

struct Retention {
    std::function<std::uint64_t(const MessageId&)> rank{};  // none: this side evicts nothing
    std::uint64_t threshold = ~std::uint64_t{0};

    bool evicts(const MessageId& id) const { return rank && rank(id) >= threshold; }
};

// How many bytes there are of which ranks below a threshold: says where to cut when not all of them fit. Of
// one size, whatever it counts.
class RankBytes {
public:
    RankBytes() = default;
    explicit RankBytes(std::uint64_t threshold) : width_(threshold / count + 1), bytes_(count) {}

    void add(std::uint64_t rank, std::uint64_t bytes) {
        if (!bytes_.empty()) bytes_[std::min<std::uint64_t>(rank / width_, count - 1)] += bytes;
    }

    // The bytes of the ranks below this are not more than room_bytes, and hardly less.
    std::uint64_t bound_for(std::uint64_t room_bytes) const {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < bytes_.size(); ++i) {
            sum += bytes_[i];
            if (sum > room_bytes) return i * width_;
        }
        return ~std::uint64_t{0};
    }

private:
    static constexpr std::size_t count = std::size_t{1} << 16;
    std::uint64_t width_ = 1;
    std::vector<std::uint64_t> bytes_;
};

// How many more bytes of bundles a store takes.
struct StoreRoom {
    std::uint64_t disk_bytes = ~std::uint64_t{0};   // by its free space
    std::uint64_t share_bytes = ~std::uint64_t{0};  // by its quota, and its share for imports beyond that

    std::uint64_t bytes() const { return std::min(disk_bytes, share_bytes); }
    bool is_shared_out() const { return share_bytes < disk_bytes; }
};

}  // namespace wcmp::sync
