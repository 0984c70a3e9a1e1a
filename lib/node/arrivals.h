// What became visible lately, in memory only: who has read everything once follows this ring.
#pragma once

#include "core/ids.h"
#include "core/limits.h"

#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::node {

class Arrivals {
public:
    explicit Arrivals(std::size_t remembered_max = limits::arrivals_ring) : max_(remembered_max) {}

    // Arrived, not visible yet. Beyond what the ring remembers only the number is kept.
    void add(std::span<const MessageKey> keys);

    // What was added becomes visible, sorted by (day, id), so that the order of arrival is not told.
    // Answers how many.
    std::uint64_t make_visible();

    std::uint64_t first() const { return first_; }
    std::uint64_t end() const { return first_ + ring_.size(); }
    bool waiting() const { return pending_count_ > 0; }

    // Visible ones from a position on, at most so many. Nothing when the ring has run over.
    std::optional<std::vector<MessageKey>> from(std::uint64_t position, std::size_t max) const;

private:
    std::size_t max_;
    std::vector<MessageKey> pending_;
    std::uint64_t pending_count_ = 0;
    std::deque<MessageKey> ring_;
    std::uint64_t first_ = 0;  // the position of ring_.front()
};

}  // namespace wcmp::node
