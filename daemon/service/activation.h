// A listening socket that the service manager made (sd_listen_fds(3)).
#pragma once

#include "core/error.h"

#include <optional>

namespace wcmp::daemon {

// The one descriptor that was passed to this process, if any. Errc::invalid when there are several. The
// variables are taken out of the environment.
Result<std::optional<int>> passed_socket();

}  // namespace wcmp::daemon
