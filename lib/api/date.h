// Days as people write them: "2027-03-01".
#pragma once

#include "core/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace wcmp::api {

// Years of more than four digits are written with all of them.
std::string to_date(Day day);

// Exactly YYYY-MM-DD, a day that exists, not before 1970.
std::optional<Day> day_from_date(std::string_view text);

}  // namespace wcmp::api
