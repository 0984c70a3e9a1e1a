// A light of the kernel's LED class (/sys/class/leds/NAME), or anything else that is switched like one.
#pragma once

#include "core/error.h"
#include "drives/light.h"
#include "led_memory.h"
#include "light.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::mountd {

class Led {
public:
    // The first of the names that there is, below `sysfs` ("/sys"). What it showed is kept in the folder
    // `memory` until it is restored; what is there already, of a process that could not restore it, counts.
    // Errc::not_found: there is none of them.
    static Result<Led> open(const std::filesystem::path& sysfs, std::span<const std::string> names,
                            const std::filesystem::path& memory);

    Led(Led&&) = default;
    Led& operator=(Led&&) = default;

    // The kernel blinks, not this process: it goes on when nobody is left to stop it.
    Result<void> show(drives::Light light);
    // Once, then off. Errc::unsupported: there is no trigger for it.
    Result<void> play(const Rhythm& rhythm);
    // As it was before.
    Result<void> restore();

private:
    Led(std::filesystem::path folder, std::filesystem::path memory)
        : folder_(std::move(folder)), memory_(std::move(memory)) {}
    Result<void> remember();
    std::vector<LedAttribute> shown() const;
    bool has_trigger(std::string_view name);
    Result<void> steady(std::uint64_t brightness);
    Result<void> blink(const Rhythm& rhythm);
    Result<void> pattern(const Rhythm& rhythm, const char* times);
    Result<std::string> read(const std::string& attribute) const;
    Result<void> write(const std::string& attribute, const std::string& value) const;

    std::filesystem::path folder_;
    std::filesystem::path memory_;      // the file
    std::string triggers_;              // "none [mmc0] timer", as they were listed last
    std::vector<LedAttribute> before_;  // the trigger first
    std::uint64_t brightness_max_ = 1;
};

// A light of this name can be meant: one component of a path.
bool is_led_name(const std::string& name);

}  // namespace wcmp::mountd
