// The name of a bundle file: its days and the start of its index hash (BUNDLE.md, section 1).
#pragma once

#include "core/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace wcmp::bundle {

struct Name {
    Day first;
    Day last;
    std::array<std::uint8_t, 16> hash{};

    auto operator<=>(const Name&) const = default;
};

// Nothing for any other name, numbers above 2^32 - 1 included.
std::optional<Name> parse_name(std::string_view text);
std::string to_string(const Name& name);

Name name_of(Day first, Day last, const IndexHash& hash);

}  // namespace wcmp::bundle
