// Which errors end all writing by this process (lib/bundle/BUNDLE.md, section 6, "A failing store").
#pragma once

#include "core/error.h"

namespace wcmp::store {

// The medium's own fault. After it nobody knows what reached the disk, and a second sync would not tell.
inline bool ends_writing(const Error& error) {
    return error.code == Errc::io || error.code == Errc::read_only;
}

}  // namespace wcmp::store
