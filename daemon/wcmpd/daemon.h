// The wiring of wcmpd: settings, node, sources, server, signals, service manager.
#pragma once

#include "defaults.h"

namespace wcmp::daemon {

// Runs until a signal ends it; answers the exit code.
int run(const Defaults& defaults, const Overrides& overrides, const settings::Settings& settings);

}  // namespace wcmp::daemon
