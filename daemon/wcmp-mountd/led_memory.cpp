#include "led_memory.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace wcmp::mountd {

namespace {

bool is_known(std::string_view name) {
    constexpr auto names = std::to_array<std::string_view>(
        {"trigger", "brightness", "delay_on", "delay_off", "repeat", "pattern"});
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::optional<std::vector<LedAttribute>> recall_led(const std::filesystem::path& file) {
    std::ifstream input(file);
    std::vector<LedAttribute> before;
    for (std::string line; std::getline(input, line);) {
        const auto space = std::min(line.find(' '), line.size());
        LedAttribute attribute{line.substr(0, space), line.substr(std::min(space + 1, line.size()))};
        if (!is_known(attribute.name)) return std::nullopt;
        before.push_back(std::move(attribute));
    }
    if (before.empty() || before.front().name != "trigger") return std::nullopt;
    return before;
}

Result<void> keep_led(const std::filesystem::path& file, const std::vector<LedAttribute>& before) {
    std::error_code failed;
    std::filesystem::create_directory(file.parent_path(), failed);
    // Whole or not at all: a process may end at any moment.
    auto unfinished = file;
    unfinished += ".new";
    std::ofstream output(unfinished);
    for (const auto& [name, value] : before) output << name << ' ' << value << '\n';
    output.close();
    if (output.fail()) return fail(Errc::io, "cannot keep what the light did before");
    std::filesystem::rename(unfinished, file, failed);
    if (failed)
        return std::unexpected(error_from_errno("cannot keep what the light did before", failed.value()));
    return {};
}

}  // namespace wcmp::mountd
