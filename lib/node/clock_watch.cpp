#include "node/clock_watch.h"

#include "log/log.h"

namespace wcmp::node {

ClockWatch::ClockWatch(Context& context, View& view)
    : context_(context),
      view_(view),
      started_(context.clock.boot_time()),
      next_look_(context.timers.add([this] { look(); })) {}

void ClockWatch::look() {
    context_.timers.in(next_look_, look_every);
    const auto change = context_.keeper.update();
    if (change.trust || change.warning) tell();
    warn_when_unsynced();
    if (change.dead_may_differ || drop_blocked_) drop_dead();
    save();
}

Result<void> ClockWatch::set_by_operator(Day today) {
    WCMP_TRY(context_.keeper.set_by_operator(today));
    tell();
    warn_when_unsynced();
    drop_dead();
    save();
    return {};
}

void ClockWatch::tell() {
    const auto warning = context_.keeper.warning();
    context_.warnings.set("clock_behind", warning == store::ClockWarning::clock_behind);
    context_.warnings.set("clock_ahead", warning == store::ClockWarning::clock_ahead);
    // The day itself is in the status.
    context_.events.add(EventText("clock.changed").word("trust", store::to_string(context_.keeper.trust())));
}

void ClockWatch::warn_when_unsynced() {
    const bool had_time = context_.clock.boot_time() - started_ >= time_to_sync;
    context_.warnings.set("clock_unsynced", had_time && context_.keeper.trust() == store::Trust::none);
}

void ClockWatch::turn_is_free() {
    turn_was_free_ = true;
    if (std::exchange(drop_blocked_, false)) drop_dead();
}

// Without the turn: when it is free.
void ClockWatch::drop_dead() {
    drop_blocked_ = turn_was_free_ = false;
    auto work = [&store = context_.store, &turn = context_.write_turn,
                 today = context_.keeper.today()]() -> std::optional<Result<std::uint64_t>> {
        if (!turn.try_take(ShortWork::expiry)) return std::nullopt;
        auto dropped = store.drop_dead(today);
        turn.give_back();
        return dropped;
    };
    context_.home.run(context_.store_worker, std::move(work), [this](const auto& dropped) {
        context_.store_worked();
        if (!dropped) {
            if (turn_was_free_ && !context_.stopping) return drop_dead();
            drop_blocked_ = true;
            return;
        }
        view_.refresh();
        if (!*dropped)
            log::warning("dead bundles could not be removed: " + describe(dropped->error()));
        else if (**dropped > 0)
            context_.events.add(EventText("messages.expired").number("count", **dropped));
    });
}

void ClockWatch::save() {
    if (saving_ || context_.store.failing()) return;
    const auto state = context_.keeper.to_save(context_.store.state());
    if (!state) return;
    saving_ = true;
    auto work = [&store = context_.store, state = *state] {
        return store.change_state([&state](store::State& now) {
            now.high_water = state.high_water;
            now.ahead = state.ahead;
        });
    };
    context_.home.run(context_.store_worker, std::move(work), [this](const Result<void>& saved) {
        saving_ = false;
        context_.store_worked();
        if (!saved) return log::warning("the store's state could not be saved: " + describe(saved.error()));
        save();  // what changed meanwhile
    });
}

}  // namespace wcmp::node
