#include "api/date.h"

#include <chrono>

namespace wcmp::api {
namespace {

// chrono's year ends at 32767; a day is a u32. Civil dates repeat every 400 years, which are 146 097 days.
constexpr std::uint32_t cycle_days = 146'097;
constexpr std::uint64_t cycle_years = 400;

std::string padded(std::uint64_t value, std::size_t width) {
    auto digits = std::to_string(value);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::optional<unsigned> digits(std::string_view text) {
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

}  // namespace

std::string to_date(Day day) {
    const auto within = std::chrono::days(day.number % cycle_days);
    const std::chrono::year_month_day date{std::chrono::sys_days(within)};
    const auto year =
        static_cast<std::uint64_t>(static_cast<int>(date.year())) + day.number / cycle_days * cycle_years;
    return padded(year, 4) + '-' + padded(static_cast<unsigned>(date.month()), 2) + '-' +
           padded(static_cast<unsigned>(date.day()), 2);
}

std::optional<Day> day_from_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = digits(text.substr(0, 4));
    const auto month = digits(text.substr(5, 2));
    const auto day = digits(text.substr(8, 2));
    if (!year || !month || !day || *year < 1970) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(*month), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return Day{static_cast<std::uint32_t>(std::chrono::sys_days(date).time_since_epoch().count())};
}

}  // namespace wcmp::api
