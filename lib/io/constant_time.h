// The time that every file of ours carries, so that none says when it was written (lib/bundle/BUNDLE.md,
// section 4).
#pragma once

#include <cstdint>

namespace wcmp::io {

inline constexpr std::int64_t year_2000_seconds = 946'684'800;  // 2000-01-01 00:00 UTC

}  // namespace wcmp::io
