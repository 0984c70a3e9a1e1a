// What the service manager says through the environment is for this process alone, not for those that it
// starts.
#pragma once

#include <cstdlib>
#include <string>

namespace wcmp::daemon {

// The variable's value, empty where it is not set; it is unset afterwards.
inline std::string taken_from_environment(const char* name) {
    const char* value = std::getenv(name);
    std::string taken = value ? value : "";
    ::unsetenv(name);
    return taken;
}

}  // namespace wcmp::daemon
