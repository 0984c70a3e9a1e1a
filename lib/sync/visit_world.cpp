#include "sync/visit_world.h"

#include <algorithm>

namespace wcmp::sync {

void VisitWorld::count_invalid(Errc code) {
    if (code == Errc::io) {
        ++result.unreadable;
        return;
    }
    const auto place = is_format_class(code) ? code : Errc::bundle;
    ++result.invalid[static_cast<std::size_t>(place)];
}

std::vector<bundle::Name> covered_by(std::vector<bundle::Name> inputs,
                                     const std::vector<bundle::Name>& outputs) {
    std::erase_if(inputs,
                  [&](const auto& name) { return std::ranges::find(outputs, name) != outputs.end(); });
    return inputs;
}

}  // namespace wcmp::sync
