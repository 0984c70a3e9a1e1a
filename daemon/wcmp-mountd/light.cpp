#include "light.h"

namespace wcmp::mountd {

using drives::Light;
using std::chrono::milliseconds;

Rhythm rhythm_of(Light light) {
    switch (light) {
    case Light::idle: return {1, milliseconds(60), milliseconds(3940), {}};
    case Light::busy: return {1, milliseconds(100), milliseconds(100), {}};
    case Light::done: return {};
    case Light::failed: return {3, milliseconds(200), milliseconds(200), milliseconds(1200)};
    case Light::attention: return {2, milliseconds(200), milliseconds(200), milliseconds(1600)};
    }
    return {};
}

Rhythm plain_rhythm_of(Light light) {
    switch (light) {
    case Light::failed: return {1, milliseconds(1500), milliseconds(250), {}};
    case Light::attention: return {1, milliseconds(750), milliseconds(750), {}};
    case Light::idle:
    case Light::busy:
    case Light::done: break;
    }
    return rhythm_of(light);
}

namespace {

// The trigger fades from one brightness to the next; one that lasts for no time makes an edge.
void hold(std::string& text, std::uint64_t brightness, milliseconds time) {
    const auto value = std::to_string(brightness);
    if (!text.empty()) text += ' ';
    text += value + ' ' + std::to_string(time.count()) + ' ' + value + " 0";
}

}  // namespace

std::string pattern_text(const Rhythm& rhythm, std::uint64_t brightness) {
    std::string text;
    for (unsigned i = 0; i < rhythm.flashes; ++i) {
        hold(text, brightness, rhythm.on);
        hold(text, 0, rhythm.off + (i + 1 == rhythm.flashes ? rhythm.pause : milliseconds(0)));
    }
    return text;
}

}  // namespace wcmp::mountd
