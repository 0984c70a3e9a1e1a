// What the relay's light shows, from what the drives are doing and whether the relay needs somebody. Pure.
#pragma once

#include "drives/light.h"
#include "node/service.h"

#include <span>
#include <string>

namespace wcmp::node {

// Only drives that somebody plugs in count: nobody takes a directory out. Of several, the one that must be
// left alone comes first (busy), then the one that went wrong (failed), then the one that may go (done). A
// drive that is not used at all (unprepared, unsupported, encrypted) shows as failed, unless another is done:
// both may be taken out then.
drives::Light light_state(std::span<const DriveInfo> drives, bool attention);

// The same in words, for the service manager: no counts. Empty when there is nothing to say.
std::string drives_in_words(std::span<const DriveInfo> drives);

}  // namespace wcmp::node
