#include "node/view.h"

#include <algorithm>

namespace wcmp::node {

Totals totals(const store::Snapshot& snapshot, const message::Today& today) {
    Totals totals;
    for (const auto& bundle : snapshot.bundles) {
        for (const auto& day : bundle->days()) {
            if (!message::check_day(day.day, today)) continue;
            totals.messages += day.count;
            totals.first = std::min(totals.first.value_or(day.day), day.day);
            totals.last = std::max(totals.last.value_or(day.day), day.day);
        }
    }
    return totals;
}

class View::Handle final : public Subscription {
public:
    explicit Handle(std::shared_ptr<Waiter> waiter) : waiter_(std::move(waiter)) {}

private:
    std::shared_ptr<Waiter> waiter_;
};

View::View(Context& context) : context_(context), batch_(context.timers.add([this] { refresh(); })) {
    refresh();
}

void View::arrived(std::span<const MessageKey> keys) {
    if (keys.empty()) return;
    arrivals_.add(keys);
    context_.timers.at_latest(batch_, context_.clock.boot_time() + batch_max);
}

// The snapshot is taken first: what arrives in between is in both, and comes twice rather than never.
void View::refresh() {
    context_.timers.cancel(batch_);
    const auto count = arrivals_.make_visible();
    snapshot_ = context_.store.snapshot();
    totals_ = totals(*snapshot_, context_.keeper.today());
    if (count == 0) return;
    context_.events.add(EventText("messages.added").number("count", count));
    wake();
}

std::unique_ptr<Subscription> View::on_arrival(Task call) {
    auto waiter = std::make_shared<Waiter>(std::move(call));
    std::erase_if(waiters_, [](const auto& weak) { return weak.expired(); });
    waiters_.push_back(waiter);
    return std::make_unique<Handle>(std::move(waiter));
}

void View::wake() {
    for (auto& waiter : std::exchange(waiters_, {})) {
        context_.home.post([waiter] {
            if (const auto waiting = waiter.lock(); waiting && waiting->call)
                std::exchange(waiting->call, nullptr)();
        });
    }
}

}  // namespace wcmp::node
