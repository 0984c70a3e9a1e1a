#include "drives/system_disks.h"

#include "drives/device_resolution.h"
#include "drives/words.h"
#include "io/unique_fd.h"

#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace wcmp::drives {
namespace {

// What cannot be read is empty; what is too long is cut, which at worst leaves a place unknown.
std::string read_text(const std::filesystem::path& path) {
    constexpr std::size_t bytes_max = std::size_t{4} << 20;
    const io::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::string text;
    std::array<char, 16 * 1024> buffer{};
    while (text.size() < bytes_max) {
        const auto got = ::read(file.get(), buffer.data(), buffer.size());
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

bool resolve_boot(DeviceResolution& resolution, const MountTable& mounts) {
    bool known = true;
    for (const auto& mount : mounts.mounts())
        if (mount.point.starts_with("/boot") || mount.point.starts_with("/efi"))
            known &= resolution.add_mount(mount);
    return known;
}

bool resolve_swaps(DeviceResolution& resolution, std::string_view swaps) {
    bool known = true;
    auto lines = lines_of(swaps);
    if (!lines.empty()) lines.erase(lines.begin());  // the heading
    for (const auto line : lines) {
        const auto words = words_of(line);
        if (words.size() < 2) continue;
        const auto path = unescape_octal(words[0]);
        known &= words[1] == "partition" ? resolution.add_name({{}, path}) : resolution.add_path(path);
    }
    return known;
}

}  // namespace

SystemTexts read_system_texts(const SystemPaths& paths) {
    return {.mountinfo = read_text(paths.proc / "self/mountinfo"),
            .swaps = read_text(paths.proc / "swaps"),
            .command_line = read_text(paths.proc / "cmdline"),
            .fstab = read_text(paths.etc / "fstab")};
}

std::string resolve_store(const std::filesystem::path& store) {
    if (store.empty()) return {};
    std::error_code failed;
    const auto resolved = std::filesystem::weakly_canonical(store, failed);
    return failed ? store.lexically_normal().string() : resolved.string();
}

SystemDisks find_system_disks(const MountTable& mounts, const SystemTexts& texts, std::string_view store,
                              const std::filesystem::path& sys, const std::vector<BlockDevice>& devices) {
    DeviceResolution resolution(mounts, texts.command_line, sys, devices);
    SystemDisks found;
    if (!resolution.add_path("/") || !resolution.add_path("/usr") || !resolution.add_path("/var"))
        found.unknown =
            "cannot tell which disks hold /, /usr and /var, so no drive is used: see findmnt -T /; a root= "
            "that "
            "names the disk on the kernel's command line helps";
    else if (!resolve_boot(resolution, mounts))
        found.unknown = "cannot tell which disk holds /boot, so no drive is used: see findmnt -T /boot";
    else if (!store.empty() && !resolution.add_path(store))
        found.unknown = "cannot tell which disk holds the store, so no drive is used: see findmnt -T on it";
    else if (!resolve_swaps(resolution, texts.swaps))
        found.unknown = "cannot tell which disks are used as swap, so no drive is used: see swapon";
    found.disks = resolution.disks();
    return found;
}

}  // namespace wcmp::drives
