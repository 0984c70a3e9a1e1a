// What was built, and when: no clock is believed below the build day.
#pragma once

#include "core/ids.h"

#include <string>

namespace wcmp::daemon {

std::string version();
Day build_day();

}  // namespace wcmp::daemon
