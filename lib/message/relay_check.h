// What a relay, which holds no keys, checks of a message (FORMAT.md, section 8).
#pragma once

#include "core/error.h"
#include "core/ids.h"

#include <optional>

namespace wcmp::message {

// The day that counts, and whether the horizon may be checked (lib/bundle/BUNDLE.md, section 5).
struct Today {
    Day floor;                     // dead: expires <= floor
    std::optional<Day> trusted{};  // only when the clock is trusted: E_HORIZON beyond this day + 182
};

// Everything but the day (steps 1-5, 7, 8): the message is well-formed, or of a suite that is carried unread.
// E_SIZE, E_SUITE, E_SHAPE, E_ENCODING, E_ORDER.
Result<void> check_structure(ByteView message);

// Step 6 alone: E_EXPIRED, E_HORIZON.
Result<void> check_day(Day expires, const Today& today);

// The relay check, in the order of the text.
Result<void> relay_check(ByteView message, const Today& today);

}  // namespace wcmp::message
