#include "drives/sysfs.h"

#include "io/unique_fd.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fcntl.h>
#include <unistd.h>

namespace wcmp::drives {

std::string read_line(const std::filesystem::path& attribute) {
    const io::UniqueFd file(::open(attribute.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, 4096> page{};  // an attribute is at most that
    const auto got = ::read(file.get(), page.data(), page.size());
    if (got <= 0) return {};
    const std::string_view text(page.data(), static_cast<std::size_t>(got));
    return std::string(text.substr(0, text.find('\n')));
}

std::optional<DeviceNumber> read_number(const std::filesystem::path& device) {
    return parse_device_number(read_line(device / "dev"));
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed))
        names.push_back(entry->path().filename());
    return names;
}

std::optional<BlockState> read_block_state(const std::filesystem::path& device, DeviceNumber number) {
    if (read_number(device) != number) return {};
    BlockState state;
    const auto size = read_line(device / "size");
    std::from_chars(size.data(), size.data() + size.size(), state.sectors);
    state.held = !names_in(device / "holders").empty();
    state.partitions =
        static_cast<unsigned>(std::ranges::count_if(names_in(device), [&](const std::string& name) {
            std::error_code failed;
            return std::filesystem::exists(device / name / "partition", failed);
        }));
    return state;
}

}  // namespace wcmp::drives
