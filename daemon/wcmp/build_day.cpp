#include "build_day.h"

namespace wcmp::program {

Day build_day() {
    return Day{WCMP_BUILD_TIME / 86'400};
}

}  // namespace wcmp::program
