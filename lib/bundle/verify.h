// Reading a whole bundle: its index, and every message in it.
#pragma once

#include "bundle/reader.h"

#include <stop_token>

namespace wcmp::bundle {

// E_BUNDLE, wrong_hash or a class of the format at the first thing that is wrong; the medium's errors;
// cancelled. Linear: each byte is read and hashed once.
Result<void> verify_all(const std::shared_ptr<const Reader>& reader, const std::stop_token& stop = {});

}  // namespace wcmp::bundle
