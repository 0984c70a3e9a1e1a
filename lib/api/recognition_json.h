// Recognition records as lines of JSON. Pure.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <string>

namespace wcmp::api {

// Whole binary records (API.md, "Recognition records") as one JSON object and a line end each.
// Errc::truncated or invalid when the bytes are not whole records.
Result<std::string> recognition_lines(ByteView records);

}  // namespace wcmp::api
