// Strict checks of a request's head, before anything interprets it: two readers of one connection must never
// disagree about where a request ends. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

namespace wcmp::api {

// What is wrong with a head, a literal for the answer's detail. The connection closes after it.
using Violation = std::string_view;

// The length of the head with its empty line, nothing while it has not all come, or a violation: a bare LF or
// CR, a NUL, an empty line before the request, more than 8 KiB. `scanned` is what earlier calls have seen.
std::expected<std::optional<std::size_t>, Violation> find_head_end(std::string_view bytes,
                                                                   std::size_t scanned);

// Checks a whole head: the form of the request line and of every field, HTTP/1.1, exactly one Host, no
// folded line, at most 64 lines, at most one Content-Length in digits, no other Transfer-Encoding than
// "chunked", never both.
std::optional<Violation> check_head(std::string_view head);

}  // namespace wcmp::api
