#include "build_info.h"

namespace wcmp::daemon {

std::string version() {
    return WCMP_VERSION;
}

Day build_day() {
    return Day{WCMP_BUILD_TIME / 86'400};
}

}  // namespace wcmp::daemon
