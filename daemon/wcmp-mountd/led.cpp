#include "led.h"

#include "io/system_error.h"
#include "io/unique_fd.h"
#include "log/log.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace wcmp::mountd {

namespace {

// "none [mmc0] timer" -> "mmc0"
std::string chosen(const std::string& triggers) {
    const auto begin = triggers.find('[');
    const auto end = triggers.find(']');
    if (begin == std::string::npos || end == std::string::npos || end < begin) return "none";
    return triggers.substr(begin + 1, end - begin - 1);
}

bool lists(const std::string& triggers, std::string_view name) {
    const auto bounded = " " + triggers + " ";
    return bounded.find(" " + std::string(name) + " ") != std::string::npos ||
           bounded.find("[" + std::string(name) + "]") != std::string::npos;
}

}  // namespace

bool is_led_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

Result<Led> Led::open(const std::filesystem::path& sysfs, std::span<const std::string> names,
                      const std::filesystem::path& memory) {
    for (const auto& name : names) {
        std::error_code unknown;
        auto folder = sysfs / "class/leds" / name;
        if (!is_led_name(name) || !std::filesystem::exists(folder / "brightness", unknown)) continue;
        Led led(std::move(folder), memory / name);
        WCMP_TRY(led.remember());
        return led;
    }
    return fail(Errc::not_found, "there is no such light");
}

Result<void> Led::remember() {
    WCMP_ASSIGN(triggers_, read("trigger"));
    WCMP_ASSIGN(const auto maximum, read("max_brightness"));
    brightness_max_ = std::max(1ul, std::strtoul(maximum.c_str(), nullptr, 10));
    if (auto kept = recall_led(memory_)) {
        before_ = std::move(*kept);
        return {};
    }
    before_ = shown();
    if (const auto kept = keep_led(memory_, before_); !kept) log::warning(describe(kept.error()));
    return {};
}

std::vector<LedAttribute> Led::shown() const {
    std::vector<LedAttribute> attributes{{"trigger", chosen(triggers_)}};
    const auto& trigger = attributes.front().value;
    // A trigger's own attributes are there only while it is chosen, and some are not for reading.
    const auto names = trigger == "none"      ? std::vector<std::string>{"brightness"}
                       : trigger == "timer"   ? std::vector<std::string>{"delay_on", "delay_off"}
                       : trigger == "pattern" ? std::vector<std::string>{"repeat", "pattern"}
                                              : std::vector<std::string>{};
    for (const auto& name : names)
        if (auto value = read(name)) attributes.push_back({name, std::move(*value)});
    return attributes;
}

Result<void> Led::show(drives::Light light) {
    const auto rhythm = rhythm_of(light);
    if (rhythm.flashes == 0) return steady(brightness_max_);
    if (rhythm.flashes == 1) return blink(rhythm);
    if (has_trigger("pattern")) return pattern(rhythm, "-1");
    return blink(plain_rhythm_of(light));
}

Result<void> Led::play(const Rhythm& rhythm) {
    if (has_trigger("pattern")) return pattern(rhythm, "1");
    if (!has_trigger("oneshot")) return fail(Errc::unsupported, "the kernel has no trigger to play it");
    WCMP_TRY(write("trigger", "oneshot"));
    WCMP_TRY(write("delay_on", std::to_string(rhythm.on.count())));
    WCMP_TRY(write("delay_off", std::to_string(rhythm.off.count())));
    return write("shot", "1");
}

Result<void> Led::restore() {
    for (const auto& [name, value] : before_) WCMP_TRY(write(name, value));
    std::error_code not_there;
    std::filesystem::remove(memory_, not_there);
    return {};
}

// Triggers are modules, which may come later than this process.
bool Led::has_trigger(std::string_view name) {
    if (lists(triggers_, name)) return true;
    auto triggers = read("trigger");
    if (!triggers || !lists(*triggers, name)) return false;
    triggers_ = std::move(*triggers);
    return true;
}

Result<void> Led::steady(std::uint64_t brightness) {
    WCMP_TRY(write("trigger", "none"));
    return write("brightness", std::to_string(brightness));
}

Result<void> Led::blink(const Rhythm& rhythm) {
    // Without a timer in the kernel what is steady can still be told: a light, or none.
    if (!has_trigger("timer")) return steady(0);
    WCMP_TRY(write("trigger", "timer"));
    WCMP_TRY(write("delay_on", std::to_string(rhythm.on.count())));
    return write("delay_off", std::to_string(rhythm.off.count()));
}

Result<void> Led::pattern(const Rhythm& rhythm, const char* times) {
    WCMP_TRY(write("trigger", "pattern"));
    // Before the pattern, which begins to run when it is written.
    WCMP_TRY(write("repeat", times));
    return write("pattern", pattern_text(rhythm, brightness_max_));
}

Result<std::string> Led::read(const std::string& attribute) const {
    const io::UniqueFd fd(::open((folder_ / attribute).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return io::system_error("cannot read an attribute of the light");
    std::string value;
    std::array<char, 4096> part{};
    ssize_t got = 0;
    while ((got = ::read(fd.get(), part.data(), part.size())) > 0)
        value.append(part.data(), static_cast<std::size_t>(got));
    if (got < 0) return io::system_error("cannot read an attribute of the light");
    while (!value.empty() && (value.back() == '\n' || value.back() == ' ')) value.pop_back();
    return value;
}

Result<void> Led::write(const std::string& attribute, const std::string& value) const {
    const io::UniqueFd fd(::open((folder_ / attribute).c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!fd) return io::system_error("cannot write an attribute of the light");
    if (::write(fd.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size())) return {};
    return io::system_error("cannot write an attribute of the light");
}

}  // namespace wcmp::mountd
