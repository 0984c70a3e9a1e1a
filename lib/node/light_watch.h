// Tells which light to show, whenever it is another one.
#pragma once

#include "drives/light.h"
#include "node/home.h"

#include <functional>
#include <optional>

namespace wcmp::node {

class LightWatch {
public:
    // now: the light as things stand. show may be empty: nobody wants to know.
    LightWatch(Home& home, std::function<drives::Light()> now, std::function<void(drives::Light)> show)
        : home_(home), now_(std::move(now)), show_(std::move(show)) {}

    // Something may have changed: looks once, when all that happens now has happened.
    void look() {
        if (!show_ || std::exchange(looking_, true)) return;
        home_.post([this] {
            looking_ = false;
            const auto light = now_();
            if (std::exchange(shown_, light) != light) show_(light);
        });
    }

private:
    Home& home_;
    std::function<drives::Light()> now_;
    std::function<void(drives::Light)> show_;
    std::optional<drives::Light> shown_;
    bool looking_ = false;
};

}  // namespace wcmp::node
