#include "node/light_state.h"

#include "drives/source.h"

#include <algorithm>
#include <array>

namespace wcmp::node {

using drives::Light;

namespace {

bool any(std::span<const DriveInfo> drives, std::string_view state) {
    return std::ranges::any_of(drives, [state](const DriveInfo& drive) {
        return drive.state == state && drive.kind != drives::to_string(drives::Kind::directory);
    });
}

bool any_not_used(std::span<const DriveInfo> drives) {
    constexpr std::array<std::string_view, 3> states{"unprepared", "unsupported", "encrypted"};
    return std::ranges::any_of(states, [drives](std::string_view state) { return any(drives, state); });
}

}  // namespace

Light light_state(std::span<const DriveInfo> drives, bool attention) {
    if (any(drives, "busy")) return Light::busy;
    if (any(drives, "failed")) return Light::failed;
    if (any(drives, "done")) return Light::done;
    if (any_not_used(drives)) return Light::failed;
    return attention ? Light::attention : Light::idle;
}

std::string drives_in_words(std::span<const DriveInfo> drives) {
    std::string text;
    const auto add = [&text](bool is_so, std::string_view words) {
        if (!is_so) return;
        if (!text.empty()) text += ", ";
        text += words;
    };
    add(any(drives, "busy"), "a drive is being synced: do not remove it");
    add(any(drives, "failed"), "a drive failed");
    add(any(drives, "done"), "a drive is done: take it");
    add(any_not_used(drives), "a drive cannot be used");
    return text;
}

}  // namespace wcmp::node
