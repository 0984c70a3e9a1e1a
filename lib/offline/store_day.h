// Which day it is for a store whose relay is stopped: the day that the relay would go by if it were started
// now (lib/bundle/BUNDLE.md, section 5). So nothing is dead here that its next start would not remove.
#pragma once

#include "core/clock.h"
#include "io/file.h"
#include "message/relay_check.h"

namespace wcmp::offline {

// not_found: this is no store. A damaged `state` knows no day, as at a start.
Result<message::Today> day_of_store(const io::Directory& store, Day build_day, const Clock& clock);

}  // namespace wcmp::offline
