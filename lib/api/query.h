// The parameters of a request's target. Pure.
#pragma once

#include "api/problem.h"
#include "api/request.h"

#include <cstdint>
#include <expected>
#include <string_view>

namespace wcmp::api {

// "a=1&b=%20". Code::malformed_request for a wrong escape, or a name given twice. Names that no endpoint
// knows are kept and ignored.
std::expected<Query, Problem> parse_query(std::string_view text);

// A decimal number in [lowest, highest]; `otherwise` when it was not given.
struct NumberRange {
    std::uint64_t lowest;
    std::uint64_t highest;
    std::uint64_t otherwise;
};
std::expected<std::uint64_t, Problem> number_in(const Query& query, std::string_view name, NumberRange range);

// A day as "2027-03-01" or as its number since 1970-01-01.
std::expected<std::uint64_t, Problem> day_in(const Query& query, std::string_view name,
                                             std::uint64_t otherwise);

}  // namespace wcmp::api
