// Which small bundles a new one absorbs: a pure function (BUNDLE.md, section 3, step 4).
#pragma once

#include "bundle/name.h"

#include <span>
#include <vector>

namespace wcmp::bundle {

struct AbsorbCandidate {
    Name name;
    std::uint64_t file_bytes = 0;
};

// Positions of the candidates to absorb, when `new_bytes` are going to be written.
std::vector<std::size_t> choose_absorbed(std::span<const AbsorbCandidate> candidates,
                                         std::uint64_t new_bytes);

}  // namespace wcmp::bundle
