// Content that comes in from a file or standard input, and goes out to a file or standard output.
#pragma once

#include "core/bytes.h"
#include "failure.h"

#include <string>

namespace wcmp::program {

// A whole file; "" or "-" is standard input. When there are more than bytes_max, refused with `too_large`
// after the name.
Outcome<Bytes> read_content(const std::string& path, std::size_t bytes_max, const std::string& too_large);

// To a new file, mode 0600: one that exists is not touched.
Outcome<void> write_new_file(const std::string& path, ByteView bytes);

bool is_terminal_output();

// To standard output: escaped and quoted for a terminal, as it is for anything else.
void print_content(ByteView content);

}  // namespace wcmp::program
