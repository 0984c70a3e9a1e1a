// From the request line to an endpoint and its parameters. Pure.
#pragma once

#include "api/problem.h"
#include "api/request.h"

#include <expected>
#include <string_view>

namespace wcmp::api {

// Code::not_found, method_not_allowed (with `allow`), or malformed_request for a target or a path parameter
// that is not of the required form. Fills everything but the fields.
std::expected<Request, Problem> route(std::string_view method, std::string_view target);

}  // namespace wcmp::api
