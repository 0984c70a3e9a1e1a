#include "log/log.h"

#include <spdlog/spdlog.h>

namespace wcmp::log {

void error(std::string_view text) {
    spdlog::error("{}", text);
}

void warning(std::string_view text) {
    spdlog::warn("{}", text);
}

void info(std::string_view text) {
    spdlog::info("{}", text);
}

void debug(std::string_view text) {
    spdlog::debug("{}", text);
}

}  // namespace wcmp::log
