// Settings that a running daemon cannot change: a reload leaves them as they are.
#pragma once

#include "settings/settings.h"

#include <string>

namespace wcmp::daemon {

// Puts what is in force back into newly read settings where only the next start may change it. Answers the
// names of those that differed, "drives.folder, clock.trust_rtc"; empty when there were none.
std::string keep_until_next_start(const settings::Settings& in_force, settings::Settings& read);

}  // namespace wcmp::daemon
