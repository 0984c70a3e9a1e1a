// What a person is told when the relay and this machine do not agree on the day.
#pragma once

#include "client/judged_day.h"

#include <string>

namespace wcmp::program {

// A line for standard error; empty when there is no doubt. `today` is the day that is gone by.
std::string day_warning(client::DayDoubt doubt, Day relay_day, Day today);

}  // namespace wcmp::program
