// The Range field and the conditions around it (RFC 9110, sections 13 and 14). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace wcmp::api {

struct ByteRange {
    enum class Kind : std::uint8_t { whole, part, unsatisfiable };

    Kind kind = Kind::whole;
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

// What to serve of a file of `size` bytes. Several ranges, other units and what cannot be read are
// served as the whole file, as the RFC allows.
ByteRange parse_range(std::string_view field, std::uint64_t size);

// Whether an If-None-Match names this entity tag (with its quotes); weak and strong compare alike.
bool none_match_names(std::string_view field, std::string_view etag);

}  // namespace wcmp::api
