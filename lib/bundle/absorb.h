// Which small bundles a new one absorbs: a pure function (BUNDLE.md, section 3, step 4).
#pragma once

#include "bundle/name.h"

#include <span>
#include <vector>

namespace wcmp::bundle {

struct AbsorbCandidate {
    Name name;
    std::uint64_t file_bytes = 0;
    std::uint64_t messages = 0;
};

// What the output may come to, beside the cut of section 1.
struct AbsorbRoom {
    std::uint64_t file_bytes = ~std::uint64_t{0};  // all of it: the inputs go only when it is there
    std::uint64_t messages = ~std::uint64_t{0};    // that are absorbed
};

// Positions of the candidates to absorb, smallest first, when `new_bytes` of messages are going to be
// written. `new_file_bytes` is the size that the output would have without them, where it is known.
std::vector<std::size_t> choose_absorbed(std::span<const AbsorbCandidate> candidates, std::uint64_t new_bytes,
                                         std::uint64_t new_file_bytes = 0, const AbsorbRoom& room = {});

}  // namespace wcmp::bundle
