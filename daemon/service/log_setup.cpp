#include "service/log_setup.h"

#include <cstdlib>
#include <memory>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace wcmp::daemon {

namespace {

// "<4>" for a warning: the journal takes it for the line's priority.
class JournalPrefix final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const std::string_view prefix = message.level >= spdlog::level::err    ? "<3>"
                                        : message.level == spdlog::level::warn ? "<4>"
                                        : message.level == spdlog::level::info ? "<6>"
                                                                               : "<7>";
        out.append(prefix.data(), prefix.data() + prefix.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JournalPrefix>();
    }
};

spdlog::level::level_enum to_spdlog(settings::LogLevel level) {
    switch (level) {
    case settings::LogLevel::error: return spdlog::level::err;
    case settings::LogLevel::warning: return spdlog::level::warn;
    case settings::LogLevel::info: return spdlog::level::info;
    case settings::LogLevel::debug: return spdlog::level::debug;
    }
    return spdlog::level::info;
}

}  // namespace

void set_up_log(settings::LogLevel level) {
    auto logger =
        std::make_shared<spdlog::logger>("wcmpd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    if (std::getenv("JOURNAL_STREAM") != nullptr)
        formatter->add_flag<JournalPrefix>('*').set_pattern("%*%v");
    else
        formatter->set_pattern("%l: %v");
    logger->set_formatter(std::move(formatter));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
    set_log_level(level);
}

void set_log_level(settings::LogLevel level) {
    spdlog::set_level(to_spdlog(level));
}

}  // namespace wcmp::daemon
