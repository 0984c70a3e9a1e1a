// What the drives are doing, line by line as it happens.
#pragma once

#include "session.h"

namespace wcmp::program {

// Until it is interrupted; waits for a relay that is started anew. `notifies`: on the desktop as well.
Done follow_drives(Session& session, bool notifies);

}  // namespace wcmp::program
