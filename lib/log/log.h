// What a program says about itself. Never an id, a label, a serial, a path on a drive or a peer above debug.
#pragma once

#include <string_view>

namespace wcmp::log {

void error(std::string_view text);
void warning(std::string_view text);
void info(std::string_view text);
void debug(std::string_view text);

}  // namespace wcmp::log
