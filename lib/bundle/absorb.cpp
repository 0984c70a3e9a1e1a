#include "bundle/absorb.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::bundle {

std::vector<std::size_t> choose_absorbed(std::span<const AbsorbCandidate> candidates, std::uint64_t new_bytes,
                                         std::uint64_t new_file_bytes, const AbsorbRoom& room) {
    std::vector<std::size_t> chosen;
    if (new_bytes == 0 || new_bytes >= limits::absorb_below_new_bytes) return chosen;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (candidates[i].file_bytes <= limits::absorb_bundle_bytes_max) chosen.push_back(i);
    std::ranges::sort(chosen, {},
                      [&](std::size_t i) { return std::pair(candidates[i].file_bytes, candidates[i].name); });

    const auto sum_max = std::max(limits::absorb_factor * new_bytes, limits::absorb_bytes_min);
    const auto output_bytes = std::max(new_bytes, new_file_bytes);
    const auto output_max = std::min(limits::bundle_cut_bytes, room.file_bytes);
    std::uint64_t sum = 0;
    std::uint64_t messages = 0;
    std::size_t count = 0;
    for (; count < chosen.size(); ++count) {
        sum += candidates[chosen[count]].file_bytes;
        messages += candidates[chosen[count]].messages;
        if (sum > sum_max || output_bytes + sum > output_max || messages > room.messages) break;
    }
    chosen.resize(count);
    return chosen;
}

}  // namespace wcmp::bundle
