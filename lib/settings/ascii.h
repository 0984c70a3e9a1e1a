// Carries any text through toml++ as ASCII. Of letters beyond ASCII outside of quotes the library (3.3
// and 3.4) assumes what is not so, which is undefined behaviour; inside of quotes they are wanted: in paths.
#pragma once

#include <string>
#include <string_view>

namespace wcmp::settings {

// Each byte from 0x80, and '%', becomes "%" and two hexadecimal digits. No line changes its number. A byte
// order mark at the beginning goes.
std::string to_ascii(std::string_view text);

// Back again; a "%" that is no such code stays as it is.
std::string from_ascii(std::string_view text);

}  // namespace wcmp::settings
