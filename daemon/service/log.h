// What a program says about itself, where it does not hold a node (node/log.h). Never an id, a label, a
// serial, a path of a drive or a peer above debug.
#pragma once

#include <string_view>

namespace wcmp::daemon {

void log_error(std::string_view text);
void log_warning(std::string_view text);
void log_info(std::string_view text);
void log_debug(std::string_view text);

}  // namespace wcmp::daemon
