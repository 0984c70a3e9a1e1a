#include "service/log.h"

#include <spdlog/spdlog.h>

namespace wcmp::daemon {

void log_error(std::string_view text) {
    spdlog::error("{}", text);
}

void log_warning(std::string_view text) {
    spdlog::warn("{}", text);
}

void log_info(std::string_view text) {
    spdlog::info("{}", text);
}

void log_debug(std::string_view text) {
    spdlog::debug("{}", text);
}

}  // namespace wcmp::daemon
