#include "client/judged_day.h"

#include <algorithm>

namespace wcmp::client {
namespace {

// Days are counted in UTC, but two machines do not change them at the same moment.
constexpr std::uint32_t same_days = 1;

bool is_beyond(Day day, Day from, std::uint32_t days) {
    return day.number > std::uint64_t{from.number} + days;
}

struct Witnesses {
    const RelayDay& relay;
    const OwnClock& clock;
    Day saved;

    // What is known without the relay.
    Day own() const { return std::max(saved, clock.day.value_or(Day{})); }
    bool nothing_known() const { return own() == Day{}; }
    bool believes_relay() const { return nothing_known() || !is_beyond(relay.day, own(), day_jump_max); }
    Day higher() const { return std::max(relay.day, clock.day.value_or(Day{})); }

    bool saved_is_wrong() const {
        const bool somebody_knows = relay.trusted || (clock.day && clock.disciplined);
        if (clock.day && somebody_knows) return is_beyond(saved, higher(), same_days);
        return (clock.day || relay.trusted) && is_beyond(saved, higher(), day_jump_max);
    }

    // Both say that it is at least this day, and one of them is sure of its own.
    std::optional<Day> sure() const {
        if (relay.trusted && believes_relay() && !nothing_known())
            return std::min(relay.day, clock.day.value_or(relay.day));
        if (clock.day && clock.disciplined) return clock.day;
        return std::nullopt;
    }

    // A relay that is not sure of its day says the least that it can be.
    Day today() const {
        if (!believes_relay() || (clock.day && clock.disciplined)) return own();
        if (relay.trusted || !clock.day) return std::max(saved, relay.day);
        return own();
    }

    // The first day that is heard at all is kept, so that the next can be compared with it.
    Day to_keep() const {
        if (relay.trusted && nothing_known()) return relay.day;
        return std::max(saved, sure().value_or(Day{}));
    }

    DayDoubt doubt(Day today) const {
        if (!believes_relay() || is_beyond(relay.day, today, same_days)) return DayDoubt::relay_ahead;
        const auto clock_day = clock.day.value_or(relay.day);
        const bool differ = relay.trusted ? is_beyond(std::max(clock_day, relay.day),
                                                      std::min(clock_day, relay.day), same_days)
                                          : is_beyond(clock_day, relay.day, day_jump_max);
        return differ && !clock.disciplined ? DayDoubt::clocks_differ : DayDoubt::none;
    }
};

}  // namespace

OwnClock own_clock(const Clock& clock, Day build_day) {
    const auto days = std::chrono::floor<std::chrono::days>(clock.system_time()).time_since_epoch().count();
    if (days < std::int64_t{build_day.number}) return {};
    const Day day{static_cast<std::uint32_t>(std::min<std::int64_t>(days, 0xffffffff))};
    return {.day = day, .disciplined = clock.disciplined()};
}

JudgedDay judge_day(const RelayDay& relay, const OwnClock& clock, Day saved) {
    Witnesses known{relay, clock, saved};
    const bool taken_back = known.saved_is_wrong();
    if (taken_back) known.saved = known.higher();
    JudgedDay judged{.today = known.today(), .saved = known.to_keep(), .sure = known.sure()};
    judged.doubt = taken_back ? DayDoubt::saved_taken_back : known.doubt(judged.today);
    return judged;
}

Day day_of_visit(const RelayDay& relay, const OwnClock& clock) {
    return judge_day(relay, clock, {}).sure.value_or(std::min(relay.day, clock.day.value_or(relay.day)));
}

}  // namespace wcmp::client
