#include "drives/device_name.h"

#include "drives/words.h"

#include <algorithm>
#include <array>

namespace wcmp::drives {
namespace {

struct Tag {
    std::string_view name;
    std::string_view property;
};
// udev gives labels twice: made harmless, and as they are with every odd byte as "\x20".
constexpr std::array<Tag, 4> tags{{{"UUID", "ID_FS_UUID"},
                                   {"PARTUUID", "ID_PART_ENTRY_UUID"},
                                   {"LABEL", "ID_FS_LABEL_ENC"},
                                   {"PARTLABEL", "ID_PART_ENTRY_NAME"}}};

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// "\" + `mark` + `digits` digits of the base become a byte.
std::string unescape(std::string_view text, std::string_view mark, std::size_t digits, int base) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto escape = text.substr(i, mark.size() + digits);
        int value = escape.size() == mark.size() + digits && escape.starts_with(mark) ? 0 : -1;
        for (std::size_t at = mark.size(); value >= 0 && at < escape.size(); ++at) {
            const int next = digit(escape[at]);
            value = next >= 0 && next < base ? value * base + next : -1;
        }
        out += value >= 0 && value < 256 ? static_cast<char>(value) : text[i];
        if (value >= 0 && value < 256) i += escape.size() - 1;
    }
    return out;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_quotes(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::string unescape_octal(std::string_view text) {
    return unescape(text, "\\", 3, 8);
}

DeviceName parse_device_name(std::string_view text) {
    for (const auto& tag : tags)
        if (text.starts_with(tag.name) && text.substr(tag.name.size()).starts_with('='))
            return {std::string(tag.name), std::string(without_quotes(text.substr(tag.name.size() + 1)))};
    return {{}, std::string(text)};
}

bool names(const DeviceName& name, const BlockDevice& device) {
    if (name.value.empty()) return false;
    if (name.tag.empty()) {
        if (name.value == device.node) return true;
        const auto links = words_of(device.property("DEVLINKS"));
        return std::ranges::find(links, std::string_view(name.value)) != links.end();
    }
    for (const auto& tag : tags)
        if (tag.name == name.tag)
            // Also where the case matters: one device too many left alone does no harm.
            return same_but_for_case(unescape(device.property(tag.property), "\\x", 2, 16), name.value);
    return false;
}

std::vector<DeviceName> parse_fstab(std::string_view text) {
    std::vector<DeviceName> found;
    for (const auto line : lines_of(text)) {
        const auto words = words_of(line);
        if (words.empty() || words.front().starts_with('#')) continue;
        auto name = parse_device_name(unescape_octal(words.front()));
        if (!name.tag.empty() || name.value.starts_with("/dev/")) found.push_back(std::move(name));
    }
    return found;
}

}  // namespace wcmp::drives
