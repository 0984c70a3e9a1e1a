// Finds what somebody meant to write.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wcmp::settings {

// The known word with the fewest changed, missing and extra letters; empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string> known);

}  // namespace wcmp::settings
