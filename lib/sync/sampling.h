// What goes when not everything fits: a uniformly random subset, another one each time; or what the taking
// side would keep the longest.
#pragma once

#include "core/ids.h"
#include "core/random.h"
#include "sync/retention.h"

namespace wcmp::sync {

// Keeps a message when a secret function of its id falls below a threshold: the same answer however often and
// in whatever order it is asked, and no way to choose ids that are kept.
class Sampling {
public:
    // Keeps everything.
    Sampling() = default;

    // Keeps about room_bytes of wanted_bytes, a little less so that the rest hardly ever overflows.
    static Result<Sampling> to_fit(std::uint64_t wanted_bytes, std::uint64_t room_bytes, Random& random);

    // Keeps the ranks below a bound.
    static Sampling below(std::uint64_t bound, const Retention& retention);

    bool keeps(const MessageId& id) const;

private:
    std::function<std::uint64_t(const MessageId&)> rank_{};
    std::array<std::uint64_t, 4> salt_{};
    std::uint64_t below_ = ~std::uint64_t{0};
};

}  // namespace wcmp::sync
