#include "io/name.h"

namespace wcmp::io {

Result<void> check_name(std::string_view name) {
    constexpr std::size_t name_bytes_max = 255;  // NAME_MAX of Linux
    constexpr std::string_view separators("/\0", 2);
    if (name.empty() || name == "." || name == "..") return fail(Errc::invalid, "not the name of an entry");
    if (name.size() > name_bytes_max) return fail(Errc::invalid, "the name is too long");
    if (name.find_first_of(separators) != name.npos) return fail(Errc::invalid, "not a single name");
    return {};
}

}  // namespace wcmp::io
