// Fields of the relay's answers, which may be missing: for printing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace wcmp::program {

using Path = std::initializer_list<std::string_view>;

// The value at a path of member names, or null.
const boost::json::value* find(const boost::json::value& value, Path path);

// Printable; "-" when it is missing or no text.
std::string text(const boost::json::value& value, Path path);
std::uint64_t number(const boost::json::value& value, Path path);
boost::json::array items(const boost::json::value& value, Path path);

}  // namespace wcmp::program
