// When this program was built: a clock that says less tells nothing.
#pragma once

#include "core/ids.h"

namespace wcmp::program {

Day build_day();

}  // namespace wcmp::program
