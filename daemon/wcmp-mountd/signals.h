// What people see and hear: a light, and perhaps a beeper.
#pragma once

#include "led.h"

#include <optional>

namespace wcmp::mountd {

class Signals {
public:
    Signals(std::optional<Led> light, std::optional<Led> beeper)
        : light_(std::move(light)), beeper_(std::move(beeper)) {}

    // Beeps when it changes to done (twice, short) or failed (once, long). The first error of light and
    // beeper; neither keeps the other from working.
    Result<void> show(drives::Light light);
    Result<void> restore();

private:
    Result<void> beep(drives::Light light);

    std::optional<Led> light_;
    std::optional<Led> beeper_;
    std::optional<drives::Light> shown_;
};

}  // namespace wcmp::mountd
