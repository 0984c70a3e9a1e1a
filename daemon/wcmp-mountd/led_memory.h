// What a light did before, kept where it outlives this process: the next one after a crash would take the
// blinking of this one for what was there before.
#pragma once

#include "core/error.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wcmp::mountd {

struct LedAttribute {
    std::string name;
    std::string value;

    bool operator==(const LedAttribute&) const = default;
};

// Nothing where there is no such file, or it is none of ours.
std::optional<std::vector<LedAttribute>> recall_led(const std::filesystem::path& file);

// The file's folder is made where only that is missing. It need not survive a power cut: the light does not.
Result<void> keep_led(const std::filesystem::path& file, const std::vector<LedAttribute>& before);

}  // namespace wcmp::mountd
