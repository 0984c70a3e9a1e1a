// Where log lines go, and what they look like.
#pragma once

#include "settings/settings.h"

namespace wcmp::daemon {

// To standard output, without a time: with a level prefix as the journal wants it when it listens
// (sd-daemon(3)), else with the level's name.
void set_up_log(settings::LogLevel level);
void set_log_level(settings::LogLevel level);

}  // namespace wcmp::daemon
