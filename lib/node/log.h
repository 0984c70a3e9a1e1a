// What the daemon says about itself. Never an id, a label, a serial, a path on a drive or a peer.
#pragma once

#include <string_view>

namespace wcmp::node {

void log_error(std::string_view text);
void log_warning(std::string_view text);
void log_info(std::string_view text);
void log_debug(std::string_view text);

}  // namespace wcmp::node
