#include "sync/upkeep_plan.h"

#include "core/limits.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace wcmp::sync {
namespace {

// Where the messages of a day begin, as the index says: nothing of it is verified.
std::optional<std::uint64_t> start_of_day(const bundle::Reader& reader, std::size_t day) {
    const auto& header = reader.header();
    if (day == reader.days().size()) return header.file_bytes - header.messages_offset;
    bundle::Entry entry;
    if (!reader.read_entries(reader.first_of_day(day), std::span(&entry, 1))) return std::nullopt;
    return entry.offset;
}

// In the file, of the days from `first` to before `end`.
std::uint64_t bytes_of_days(const bundle::Reader& reader, std::size_t first, std::size_t end) {
    if (first == end) return 0;
    const auto from = start_of_day(reader, first);
    const auto to = start_of_day(reader, end);
    if (!from || !to || *to < *from) return 0;
    const std::uint64_t entries = reader.first_of_day(end) - reader.first_of_day(first);
    return *to - *from + limits::bundle_entry_bytes * entries + limits::bundle_day_bytes * (end - first);
}

// Bundles that become one: as many as fit.
class Group {
public:
    explicit Group(const UpkeepRules& rules)
        : bytes_max_(std::min(limits::bundle_cut_bytes, rules.room_bytes)) {}

    // An output has no more bytes than its inputs, and is one piece (bundle/cut.h).
    bool takes(const BundleFacts& bundle) const {
        return bytes_ + bundle.file_bytes <= bytes_max_ &&
               messages_ + bundle.messages <= limits::piece_copies_max;
    }
    void add(std::size_t position, const BundleFacts& bundle) {
        inputs_.push_back(position);
        bytes_ += bundle.file_bytes;
        messages_ += bundle.messages;
    }
    std::uint64_t messages() const { return messages_; }
    std::vector<std::size_t>& inputs() { return inputs_; }

private:
    std::uint64_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::uint64_t messages_ = 0;
    std::vector<std::size_t> inputs_;
};

class UpkeepPlanner {
public:
    UpkeepPlanner(std::span<const BundleFacts> bundles, const UpkeepRules& rules)
        : bundles_(bundles), rules_(rules), taken_(bundles.size()) {}

    UpkeepPlan run() {
        drop_dead();
        find_mergeable();
        if (rules_.store) merge_small();
        if (merges_.empty()) merge_above_bound();
        rewrite([](const BundleFacts& bundle) { return bundle.invalid; }, UpkeepReason::invalid);
        std::ranges::move(merges_, std::back_inserter(plan_.steps));
        rewrite([this](const BundleFacts& bundle) { return has_much_dead(bundle); }, UpkeepReason::dead_days);
        return std::move(plan_);
    }

private:
    void drop_dead() {
        for (std::size_t i = 0; i < bundles_.size(); ++i) {
            taken_[i] = bundles_[i].all_dead;
            if (taken_[i] && !rules_.store) add(plan_.steps, UpkeepReason::all_dead, {i});
        }
    }

    // Smallest first, ties by name.
    void find_mergeable() {
        for (std::size_t i = 0; i < bundles_.size(); ++i) {
            if (taken_[i]) continue;
            ++count_;
            bytes_ += bundles_[i].file_bytes;
            if (!bundles_[i].unreadable) mergeable_.push_back(i);
        }
        std::ranges::sort(mergeable_, {}, [this](std::size_t i) {
            return std::pair(bundles_[i].file_bytes, bundles_[i].name);
        });
    }

    // As few as bring the number to the half of the bound.
    void merge_above_bound() {
        const auto bound = bundles_bound(bytes_);
        if (count_ > bound) merge(mergeable_, bound / 2);
    }

    void merge(std::span<const std::size_t> candidates, std::uint64_t down_to) {
        Group group(rules_);
        auto left = count_;
        for (const auto i : candidates) {
            if (left <= down_to) break;
            if (!group.takes(bundles_[i])) close(std::exchange(group, Group(rules_)));
            if (!group.inputs().empty()) --left;
            group.add(i, bundles_[i]);
        }
        close(std::move(group));
    }

    void close(Group group) {
        if (group.inputs().size() > 1) add(merges_, UpkeepReason::too_many, std::move(group.inputs()));
    }

    // What is small tells when it came, and so does what is nearly alone.
    void merge_small() {
        const auto small = std::ranges::partition_point(mergeable_, [this](std::size_t i) {
            return bundles_[i].file_bytes <= limits::absorb_bundle_bytes_max;
        });
        merge(std::span(mergeable_.begin(), small), 0);
        if (merges_.empty()) join_lonely();
    }

    // The smallest of few messages, and the smallest of the others that fits.
    void join_lonely() {
        const auto lonely = std::ranges::find_if(
            mergeable_, [this](std::size_t i) { return bundles_[i].messages < limits::upkeep_few_messages; });
        if (lonely == mergeable_.end()) return;
        Group group(rules_);
        group.add(*lonely, bundles_[*lonely]);
        const auto other = std::ranges::find_if(
            mergeable_, [&](std::size_t i) { return i != *lonely && group.takes(bundles_[i]); });
        if (other == mergeable_.end()) return;
        if (rules_.spare_large && bundles_[*other].file_bytes > limits::absorb_bundle_bytes_max) return;
        group.add(*other, bundles_[*other]);
        close(std::move(group));
    }

    bool has_much_dead(const BundleFacts& bundle) const {
        return bundle.dead_bytes * limits::upkeep_dead_share >= bundle.file_bytes ||
               (rules_.store && bundle.long_dead);
    }

    template <class Wanted>
    void rewrite(Wanted wanted, UpkeepReason reason) {
        for (std::size_t i = 0; i < bundles_.size(); ++i) {
            const auto& bundle = bundles_[i];
            if (taken_[i] || bundle.unreadable || !wanted(bundle)) continue;
            const auto output_bytes = bundle.file_bytes - std::min(bundle.dead_bytes, bundle.file_bytes);
            if (output_bytes <= rules_.room_bytes) add(plan_.steps, reason, {i});
        }
    }

    void add(std::vector<UpkeepStep>& steps, UpkeepReason reason, std::vector<std::size_t> inputs) {
        for (const auto i : inputs) taken_[i] = true;
        steps.push_back({.reason = reason, .inputs = std::move(inputs)});
    }

    std::span<const BundleFacts> bundles_;
    const UpkeepRules& rules_;
    std::vector<bool> taken_;
    std::vector<std::size_t> mergeable_;
    std::uint64_t count_ = 0;  // without those that are dropped
    std::uint64_t bytes_ = 0;
    std::vector<UpkeepStep> merges_;
    UpkeepPlan plan_;
};

}  // namespace

BundleFacts facts_of(const bundle::Reader& reader, const message::Today& today) {
    const auto days = reader.days();
    std::size_t live_from = 0;
    while (live_from < days.size() && !message::check_day(days[live_from].day, today)) ++live_from;
    std::size_t live_to = days.size();
    while (live_to > live_from && !message::check_day(days[live_to - 1].day, today)) --live_to;
    const auto& header = reader.header();
    const auto dead = bytes_of_days(reader, 0, live_from) + bytes_of_days(reader, live_to, days.size());
    return {.name = reader.name(),
            .file_bytes = header.file_bytes,
            .dead_bytes = std::min(dead, header.file_bytes),
            .messages = header.messages,
            .all_dead = live_from == live_to,
            .long_dead = days.front().day < today.floor};
}

UpkeepPlan plan_upkeep(std::span<const BundleFacts> bundles, const UpkeepRules& rules) {
    return UpkeepPlanner(bundles, rules).run();
}

std::uint64_t bundles_bound(std::uint64_t bytes) {
    return limits::upkeep_bundles_base + bytes / limits::upkeep_bytes_per_bundle;
}

}  // namespace wcmp::sync
