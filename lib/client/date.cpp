#include "client/date.h"

#include <charconv>
#include <chrono>
#include <optional>

namespace wcmp::client {
namespace {

std::string padded(std::uint32_t number, std::size_t digits) {
    auto text = std::to_string(number);
    if (text.size() < digits) text.insert(0, digits - text.size(), '0');
    return text;
}

std::optional<unsigned> number_of(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

// Howard Hinnant's algorithm: std::chrono's years end at 32767, a day's number does not.
std::string to_date(Day day) {
    const std::uint64_t shifted = std::uint64_t{day.number} + 719'468;
    const std::uint64_t era = shifted / 146'097;
    const auto in_era = static_cast<std::uint32_t>(shifted % 146'097);
    const std::uint32_t year_of_era = (in_era - in_era / 1460 + in_era / 36'524 - in_era / 146'096) / 365;
    const std::uint32_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint32_t month_from_march = (5 * in_year + 2) / 153;
    const std::uint32_t day_of_month = in_year - (153 * month_from_march + 2) / 5 + 1;
    const std::uint32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const auto year = static_cast<std::uint32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day_of_month, 2);
}

Result<Day> parse_date(std::string_view text) {
    const auto wrong = [] { return fail(Errc::invalid, "this is not a date like 2027-03-01"); };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong();
    const auto year = number_of(text.substr(0, 4));
    const auto month = number_of(text.substr(5, 2));
    const auto day = number_of(text.substr(8, 2));
    if (!year || !month || !day) return wrong();
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(*month), std::chrono::day(*day)};
    if (!date.ok() || *year < 1970) return wrong();
    const auto since = std::chrono::sys_days(date).time_since_epoch().count();
    return Day{static_cast<std::uint32_t>(since)};
}

}  // namespace wcmp::client
