#include "node/clock_watch.h"

#include "node/log.h"

namespace wcmp::node {

ClockWatch::ClockWatch(Context& context, View& view)
    : context_(context), view_(view), next_look_(context.timers.add([this] { look(); })) {}

void ClockWatch::look() {
    context_.timers.in(next_look_, look_every);
    const auto change = context_.keeper.update();
    if (change.trust || change.warning) tell();
    if (change.dead_may_differ) drop_dead();
    save();
}

Result<void> ClockWatch::set_by_operator(Day today) {
    WCMP_TRY(context_.keeper.set_by_operator(today));
    tell();
    drop_dead();
    save();
    return {};
}

void ClockWatch::tell() {
    const auto warning = context_.keeper.warning();
    context_.warnings.set("clock_behind", warning == store::ClockWarning::clock_behind);
    context_.warnings.set("clock_ahead", warning == store::ClockWarning::clock_ahead);
    context_.events.add(EventText("clock.changed")
                            .number("today", context_.keeper.today().floor.number)
                            .word("trust", store::to_string(context_.keeper.trust())));
}

void ClockWatch::drop_dead() {
    auto work = [&store = context_.store, today = context_.keeper.today()] { return store.drop_dead(today); };
    context_.home.run(context_.store_worker, std::move(work), [this](Result<std::uint64_t> dropped) {
        context_.store_worked();
        view_.refresh();
        if (!dropped)
            log_warning("dead bundles could not be removed: " + describe(dropped.error()));
        else if (*dropped > 0)
            context_.events.add(EventText("messages.expired").number("count", *dropped));
    });
}

void ClockWatch::save() {
    if (saving_ || context_.store.failing()) return;
    const auto state = context_.keeper.to_save(context_.store.state());
    if (!state) return;
    saving_ = true;
    auto work = [&store = context_.store, state = *state] { return store.save_state(state); };
    context_.home.run(context_.store_worker, std::move(work), [this](const Result<void>& saved) {
        saving_ = false;
        context_.store_worked();
        if (!saved) log_warning("the store's state could not be saved: " + describe(saved.error()));
    });
}

}  // namespace wcmp::node
