// What day it is, for a person whose relay and whose own clock may both be wrong: pure rules.
//
// A relay that says a wrong day must spoil nothing for longer than the person talks to it. So what is kept,
// and what is deleted by, is only what two witnesses agree on; what is wrong all the same is taken back once
// both know better.
#pragma once

#include "client/relay.h"
#include "core/clock.h"
#include "core/limits.h"

#include <cstdint>
#include <optional>

namespace wcmp::client {

// The own machine's clock.
struct OwnClock {
    std::optional<Day> day{};  // none: it is before the program was built, and tells nothing
    bool disciplined = false;
};

OwnClock own_clock(const Clock& clock, Day build_day);

// Farther ahead of everything known than any message lives: no relay is believed.
inline constexpr std::uint32_t day_jump_max = limits::horizon_days;

enum class DayDoubt : std::uint8_t {
    none,
    relay_ahead,       // the relay's day is not believed
    clocks_differ,     // one of the two is wrong, and nobody knows which
    saved_taken_back,  // what was kept was too high
};

struct JudgedDay {
    Day today;                  // to write by
    Day saved;                  // to keep; nothing that is dead on it is received
    std::optional<Day> sure{};  // what is dead on it may be deleted
    DayDoubt doubt = DayDoubt::none;
};

// `saved`: what was kept before, 0 when nothing was.
JudgedDay judge_day(const RelayDay& relay, const OwnClock& clock, Day saved);

// The day by which a folder is visited, for somebody who keeps nothing: what is dead on it may go.
Day day_of_visit(const RelayDay& relay, const OwnClock& clock);

}  // namespace wcmp::client
