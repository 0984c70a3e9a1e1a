#include "node/clock_keeper.h"

namespace wcmp::node {

ClockKeeper::ClockKeeper(const store::ClockTrust& trust, const Clock& clock) : trust_(trust), clock_(clock) {}

ClockKeeper::Change ClockKeeper::update() {
    const auto floor = trust_.floor();
    const auto trust = trust_.trust();
    const auto warning = trust_.warning();
    trust_.update(clock_);
    return {.dead_may_differ = trust_.floor() > floor ||
                               (trust == store::Trust::none && trust_.trust() != store::Trust::none),
            .trust = trust_.trust() != trust || trust_.floor() != floor,
            .warning = trust_.warning() != warning};
}

Result<void> ClockKeeper::set_by_operator(Day today) {
    WCMP_TRY(trust_.set_by_operator(today, clock_));
    set_by_operator_ = true;
    return {};
}

std::optional<store::State> ClockKeeper::to_save(const store::State& saved) {
    auto state = saved;
    state.ahead = trust_.ahead();
    const auto now = clock_.boot_time();
    const auto day_passed = !high_water_saved_ || now - *high_water_saved_ >= std::chrono::hours(24);
    if (day_passed || set_by_operator_) state.high_water = trust_.high_water();
    if (state == saved) return std::nullopt;
    if (state.high_water != saved.high_water) high_water_saved_ = now;
    set_by_operator_ = false;
    return state;
}

}  // namespace wcmp::node
