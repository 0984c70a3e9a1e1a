// What bundles a drive seems to have: enough to notice a change, in constant memory.
#pragma once

#include "io/file.h"

#include <cstdint>
#include <string_view>

namespace wcmp::drives {

// A set of names, and whether there is a folder for them. Names that are not "*.wcmp" do not count: what
// other programs put beside the bundles is no reason for a visit.
class Names {
public:
    void add(std::string_view name);
    void remove(std::string_view name);

    bool prepared = false;

    bool operator==(const Names&) const = default;

private:
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;  // of the names' hashes: the order they were added in does not matter
};

// The names in `folder` below a drive's root. A missing folder is no error.
Result<Names> list_names(const io::Directory& root, std::string_view folder);

}  // namespace wcmp::drives
