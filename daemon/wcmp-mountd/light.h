// How a light blinks: a table. The five states differ without colour, and by their rhythm alone.
#pragma once

#include "drives/light.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace wcmp::mountd {

// `flashes` times on and off, then off for `pause` more; 0 flashes: steadily on.
struct Rhythm {
    unsigned flashes = 0;
    std::chrono::milliseconds on{};
    std::chrono::milliseconds off{};
    std::chrono::milliseconds pause{};
};
Rhythm rhythm_of(drives::Light light);

// The nearest to it that is on and off in turns, where the kernel has no patterns.
Rhythm plain_rhythm_of(drives::Light light);

// As the kernel's trigger "pattern" takes it (ledtrig-pattern): "255 200 255 0 0 200 0 0 ...".
std::string pattern_text(const Rhythm& rhythm, std::uint64_t brightness);

}  // namespace wcmp::mountd
