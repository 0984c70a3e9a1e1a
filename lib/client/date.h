// Days as people and the API write them: "2027-03-01".
#pragma once

#include "core/error.h"
#include "core/ids.h"

#include <string>
#include <string_view>

namespace wcmp::client {

// Years above 9999 have more digits.
std::string to_date(Day day);

// Errc::invalid for anything but ten characters that are a date not before 1970.
Result<Day> parse_date(std::string_view text);

}  // namespace wcmp::client
