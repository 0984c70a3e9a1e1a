#include "signals.h"

namespace wcmp::mountd {

using drives::Light;
using std::chrono::milliseconds;

Result<void> Signals::show(Light light) {
    if (shown_ == light) return {};
    shown_ = light;
    const Result<void> lit = light_ ? light_->show(light) : Result<void>{};
    const Result<void> heard = beeper_ ? beep(light) : Result<void>{};
    return lit ? heard : lit;
}

Result<void> Signals::beep(Light light) {
    if (light == Light::done) return beeper_->play({2, milliseconds(120), milliseconds(120), {}});
    if (light == Light::failed) return beeper_->play({1, milliseconds(900), milliseconds(100), {}});
    return {};
}

Result<void> Signals::restore() {
    const Result<void> dark = light_ ? light_->restore() : Result<void>{};
    const Result<void> silent = beeper_ ? beeper_->restore() : Result<void>{};
    return dark ? silent : dark;
}

}  // namespace wcmp::mountd
