// What clients see of the store: a moment of it, which changes in batches only, so that nobody can tell from
// outside when a single message came (lib/api/API.md, "Cursors").
#pragma once

#include "node/arrivals.h"
#include "node/context.h"

namespace wcmp::node {

struct Totals {
    std::uint64_t messages = 0;  // alive; copies count twice until they are merged
    std::optional<Day> first, last;
};
Totals totals(const store::Snapshot& snapshot, const message::Today& today);

class View {
public:
    // At least this often while something waits to be seen.
    static constexpr auto batch_max = std::chrono::seconds(60);

    explicit View(Context& context);

    // In bundles now, seen with the next batch.
    void arrived(std::span<const MessageKey> keys);
    // A batch: what is in bundles becomes visible.
    void refresh();

    const std::shared_ptr<const store::Snapshot>& snapshot() const { return snapshot_; }
    const Totals& shown() const { return totals_; }
    const Arrivals& arrivals() const { return arrivals_; }

    std::unique_ptr<Subscription> on_arrival(Task call);

private:
    struct Waiter {
        Task call;
    };
    class Handle;
    void wake();

    Context& context_;
    std::shared_ptr<const store::Snapshot> snapshot_;
    Totals totals_;
    Arrivals arrivals_;
    std::vector<std::weak_ptr<Waiter>> waiters_;
    Timers::Slot batch_;
};

}  // namespace wcmp::node
