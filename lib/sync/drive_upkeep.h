// Tidying of a drive, after a visit or by hand (lib/bundle/BUNDLE.md, section 3, step 6).
#pragma once

#include "sync/upkeep.h"

namespace wcmp::sync {

// `drive` is the folder that holds the bundles. Dead, void and damaged files go as at the start of a visit.
// What was written is synced as a whole at the end, also when it was stopped. The drive must not be written
// any more after another error than cancelled.
Result<void> tidy_drive(io::Directory& drive, const VisitSettings& settings, const message::Today& today,
                        Random& random, const std::function<void(const Progress&)>& on_progress,
                        UpkeepResult& result, const std::stop_token& stop);

// Whether that would do something but verify, as far as the bundles' headers tell.
bool is_tidying_due(const Readers& bundles, const io::Directory& drive, const VisitSettings& settings,
                    const message::Today& today);

}  // namespace wcmp::sync
