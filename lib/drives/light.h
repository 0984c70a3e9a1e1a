// What the relay shows to people who stand before it: one light, five states that differ without colour.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wcmp::drives {

enum class Light : std::uint8_t {
    idle,       // a short blink every 4 s
    busy,       // fast blinks: do not remove the drive
    done,       // steady: take the drive out
    failed,     // three blinks, a pause
    attention,  // two blinks, a pause: the relay itself needs somebody
};
inline constexpr std::size_t light_count = 5;

constexpr std::string_view to_string(Light light) {
    constexpr std::array<std::string_view, light_count> names{"idle", "busy", "done", "failed", "attention"};
    return names[static_cast<std::size_t>(light)];
}

}  // namespace wcmp::drives
