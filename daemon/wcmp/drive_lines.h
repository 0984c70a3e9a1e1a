// A drive in words for a person: may it be taken out, and what came of the visit.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace wcmp::program {

// "take it", "do not remove it"; empty where the state says it all. A directory is never taken out.
std::string_view what_to_do(std::string_view state, std::string_view kind);

// "took 3, gave 4": of a result as in GET /v1/drives, or of an event that ends a visit.
std::string counts_text(const boost::json::value& result);

// Of a drive as in GET /v1/drives.
std::string line_of_drive(const boost::json::value& drive);

}  // namespace wcmp::program
