#include "node/evictions.h"

#include "log/log.h"

namespace wcmp::node {

Evictions::Evictions(Context& context, View& view, std::function<void(std::span<const bundle::Name>)> damaged)
    : context_(context), view_(view), damaged_(std::move(damaged)) {}

void Evictions::look() {
    auto& store = context_.store;
    if (worker_ || context_.stopping || store.failing() || !store.is_above_quota()) return;
    if (left_at_bytes_ == store.snapshot()->bytes) return;
    worker_ = std::make_unique<Worker>();
    auto work = [&store, &turn = context_.write_turn, today = context_.keeper.today(),
                 stop = stop_.get_token()] { return evict(store, turn, today, stop); };
    context_.home.run(*worker_, std::move(work), [this](const Done& done) { ended(done); });
}

// The turn is taken for one bundle at a time; whoever came meanwhile has it in between.
Evictions::Done Evictions::evict(store::Store& store, WriteTurn& turn, const message::Today& today,
                                 const std::stop_token& stop) {
    store::Evictor evictor(store, today);
    const auto ticket = std::make_shared<ImportTicket>();
    for (;;) {
        const auto more = evictor.choose(stop);
        if (!more) return {evictor.done(), std::unexpected(more.error())};
        if (!*more) return {evictor.done(), {}};
        if (const auto taken = turn.take(stop, ticket); !taken) return {evictor.done(), taken};
        const auto rewritten = evictor.rewrite_next(stop);
        turn.give_back(ticket);
        if (!rewritten) return {evictor.done(), rewritten};
    }
}

void Evictions::ended(const Done& done) {
    worker_.reset();
    left_at_bytes_ = context_.store.snapshot()->bytes;
    evicted_ += done.evicted.messages;
    view_.refresh();
    if (done.evicted.messages > 0)
        context_.events.add(EventText("messages.evicted").number("count", done.evicted.messages));
    if (!done.ended && done.ended.error().code != Errc::cancelled)
        log::warning("the store could not be brought back to its quota: " + describe(done.ended.error()));
    damaged_(done.evicted.damaged);
    context_.store_worked();
}

void Evictions::visited(const sync::VisitResult& result) {
    if (result.refused[static_cast<std::size_t>(message::Verdict::evicted)] == 0) return;
    const auto now = context_.clock.boot_time();
    if (!store::may_raise({.bytes = context_.store.snapshot()->bytes,
                           .quota = context_.settings->store.bytes_max,
                           .now = now,
                           .last = raised_}))
        return;
    raised_ = now;
    auto work = [&store = context_.store] {
        return store.change_state(
            [](store::State& state) { state.eviction_threshold = store::raised(state.eviction_threshold); });
    };
    context_.home.run(context_.store_worker, std::move(work), [this](const Result<void>& saved) {
        context_.store_worked();
        if (!saved) log::warning("the store's state could not be saved: " + describe(saved.error()));
    });
}

}  // namespace wcmp::node
