// What a client is told when its request is not done: RFC 9457, with codes that never change meaning.
#pragma once

#include "node/service.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wcmp::api {

// The whole list; API.md, "Errors", says when each one comes.
enum class Code : std::uint8_t {
    malformed_request,
    malformed_message,
    malformed_bundle,
    operator_only,
    not_found,
    method_not_allowed,
    not_acceptable,
    busy,
    expired,
    cursor_expired,
    length_required,
    too_large,
    unsupported_media_type,
    range_not_satisfiable,
    refused,
    too_many_connections,
    stopping,
    internal,
    store_full,
    store_failing,
};

struct Problem {
    Code code = Code::internal;
    unsigned status = 500;
    std::string detail{};

    std::string_view format_class{};          // with malformed_message: "E_SIZE"
    std::string_view rule{};                  // with refused
    std::optional<std::uint64_t> limit{};     // with too_large, in bytes
    std::string_view allow{};                 // with method_not_allowed: the field's value
    std::optional<std::uint64_t> complete{};  // with range_not_satisfiable: bytes there are
    std::chrono::seconds retry_after{};       // zero: not said
};

// With the code's usual status.
Problem problem(Code code, std::string detail = {});
Problem too_large(std::uint64_t limit);

// What the failure was about: one Errc means different things to different requests.
enum class Subject : std::uint8_t { message, cursor, bundle, other };
Problem problem_of(const node::Failure& failure, Subject subject);

std::string_view name_of(Code code);
std::string_view title_of(Code code);

// The body, application/problem+json.
std::string to_json(const Problem& problem);

}  // namespace wcmp::api
