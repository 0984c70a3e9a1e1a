#include "node/index_scan.h"

#include <algorithm>

namespace wcmp::node {

namespace {

constexpr std::size_t buffered_entries_all = 16'384;
constexpr std::size_t buffered_entries_each = 256;

}  // namespace

Result<std::uint32_t> lower_bound(const bundle::Reader& bundle, const MessageKey& key) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    for (const auto& day : bundle.days()) {
        if (day.day >= key.day) {
            high = low + (day.day == key.day ? day.count : 0);
            break;
        }
        low += day.count;
        high = low;
    }
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        bundle::Entry entry;
        WCMP_TRY(bundle.read_entries(middle, std::span(&entry, 1)));
        if (entry.key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

IndexScan::IndexScan(std::span<const std::shared_ptr<const bundle::Reader>> bundles, const MessageKey& from)
    : bundles_(bundles),
      buffered_max_(
          std::clamp<std::size_t>(buffered_entries_all / (bundles.size() + 1), 1, buffered_entries_each)),
      parts_(bundles.size()) {
    for (std::uint32_t i = 0; i < bundles.size(); ++i)
        if (const auto begun = begin(i, from); !begun) failed_.push_back({i, begun.error()});
}

Result<void> IndexScan::begin(std::uint32_t bundle, const MessageKey& from) {
    WCMP_ASSIGN(parts_[bundle].next, lower_bound(*bundles_[bundle], from));
    return push(bundle);
}

Result<void> IndexScan::push(std::uint32_t bundle) {
    auto& part = parts_[bundle];
    if (part.used == part.buffer.size()) {
        const auto left = bundles_[bundle]->header().messages - part.next;
        part.buffer.resize(std::min<std::size_t>(left, buffered_max_));
        part.used = 0;
        if (part.buffer.empty()) return {};
        WCMP_TRY(bundles_[bundle]->read_entries(part.next, part.buffer));
        part.next += static_cast<std::uint32_t>(part.buffer.size());
    }
    heads_.push_back({part.buffer[part.used].key, bundle});
    std::push_heap(heads_.begin(), heads_.end());
    return {};
}

std::optional<IndexScan::Place> IndexScan::next() {
    if (heads_.empty()) return std::nullopt;
    std::pop_heap(heads_.begin(), heads_.end());
    const auto bundle = heads_.back().bundle;
    heads_.pop_back();
    auto& part = parts_[bundle];
    const auto left_in_buffer = static_cast<std::uint32_t>(part.buffer.size() - part.used);
    const Place place{bundle, part.next - left_in_buffer, part.buffer[part.used]};
    ++part.used;
    if (const auto pushed = push(bundle); !pushed) failed_.push_back({bundle, pushed.error()});
    return place;
}

}  // namespace wcmp::node
