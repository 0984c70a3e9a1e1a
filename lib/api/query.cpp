#include "api/query.h"

#include "api/date.h"

#include <charconv>
#include <optional>
#include <string>

namespace wcmp::api {
namespace {

std::optional<unsigned> hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

std::optional<std::string> decode(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const auto high = hex_value(text[i + 1]);
        const auto low = hex_value(text[i + 2]);
        if (!high || !low) return std::nullopt;
        result += static_cast<char>(*high << 4 | *low);
        i += 2;
    }
    return result;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::unexpected<Problem> wrong(std::string_view name, const std::string& form) {
    return std::unexpected(
        problem(Code::malformed_request, "the parameter " + std::string(name) + " must be " + form));
}

}  // namespace

std::expected<Query, Problem> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!text.empty()) {
        const auto piece = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), piece.size() + 1));
        if (piece.empty()) continue;
        const auto equals = piece.find('=');
        auto name = decode(piece.substr(0, equals));
        auto value = decode(equals == piece.npos ? std::string_view{} : piece.substr(equals + 1));
        if (!name || !value)
            return std::unexpected(problem(Code::malformed_request, "a wrong escape in the query"));
        for (const auto& [known, unused] : parameters)
            if (known == *name)
                return std::unexpected(problem(Code::malformed_request, "a parameter is given twice"));
        parameters.emplace_back(std::move(*name), std::move(*value));
    }
    return Query(std::move(parameters));
}

std::expected<std::uint64_t, Problem> number_in(const Query& query, std::string_view name,
                                                NumberRange range) {
    const auto* text = query.find(name);
    if (!text) return range.otherwise;
    const auto value = decimal(*text);
    if (!value || *value < range.lowest || *value > range.highest)
        return wrong(name, "a whole number from " + std::to_string(range.lowest) + " to " +
                               std::to_string(range.highest));
    return *value;
}

std::expected<std::uint64_t, Problem> day_in(const Query& query, std::string_view name,
                                             std::uint64_t otherwise) {
    const auto* text = query.find(name);
    if (!text) return otherwise;
    if (const auto date = day_from_date(*text)) return date->number;
    const auto number = decimal(*text);
    if (!number || *number > std::uint64_t{1} << 32)
        return wrong(name, "a day: 2027-03-01, or the number of days since 1970-01-01");
    return *number;
}

}  // namespace wcmp::api
