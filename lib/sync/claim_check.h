// Reads what a drive claims to hold: some messages of each bundle (lib/bundle/BUNDLE.md, section 3, step 1).
#pragma once

#include "sync/drive_memory.h"
#include "sync/plan.h"

#include <stop_token>
#include <vector>

namespace wcmp::sync {

// Positions of the drive's bundles of which a claim did not hold. A medium that fails while it is read does
// not hold what it claims either. `turns`, where there are some, say whose turn it is. Errors: cancelled.
Result<std::vector<std::uint32_t>> find_liars(const Plan& plan, const Readers& drive, CheckTurns* turns,
                                              Random& random, const std::stop_token& stop);

}  // namespace wcmp::sync
