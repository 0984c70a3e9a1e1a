// How things are printed: lines for people, JSON for programs.
#pragma once

#include "client/profile.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace wcmp::program {

// One JSON value and a line end.
void print(const boost::json::value& value);

// Text padded with spaces to a width; what is not printable is escaped.
std::string column(std::string_view text, std::size_t width);

// "alice", "alice, bob", or "unauthenticated": only a verified signature names a sender.
std::string people_of(const client::Letter& letter);

// A sent letter whose file is not whole: what is wrong, and what to do.
std::string damaged_letter(std::uint32_t number);

std::string line_of(const client::Letter& letter);
boost::json::object to_json(const client::Letter& letter);

// "1.4 MB", for people.
std::string size_text(std::uint64_t bytes);

}  // namespace wcmp::program
