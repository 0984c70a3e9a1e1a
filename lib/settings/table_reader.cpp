#include "settings/table_reader.h"

#include "settings/ascii.h"
#include "settings/byte_size.h"
#include "settings/spelling.h"

#include <algorithm>

namespace wcmp::settings {
namespace {

std::string quoted_list(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
        text += '"' + std::string(words[i]) + '"';
    }
    return text;
}

std::string unknown_key_text(std::string_view key, std::span<const std::string> known) {
    if (const auto meant = nearest(key, known); !meant.empty())
        return "no such setting; did you mean \"" + std::string(meant) + "\"?";
    return "no such setting; remove it (man wcmpd.toml lists all)";
}

}  // namespace

void Problems::add(std::uint32_t line, std::string key, std::string problem) {
    if (first_ && first_->line <= line) return;
    first_ = SettingsError{.file = {}, .line = line, .key = std::move(key), .problem = std::move(problem)};
}

std::string TableReader::full_name(std::string_view key) const {
    if (name_.empty() || key.empty()) return name_ + std::string(key);
    return name_ + "." + std::string(key);
}

const toml::node* TableReader::find(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
}

void TableReader::refuse(std::string_view key, std::string problem) {
    const auto* node = table_.get(key);
    const auto& source = node != nullptr ? node->source() : table_.source();
    problems_.add(source.begin.line, from_ascii(full_name(key)), std::move(problem));
}

void TableReader::read_bool(std::string_view key, bool& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_boolean())
        into = value->get();
    else
        refuse(key, "must be true or false, without quotes");
}

void TableReader::read_number(std::string_view key, std::uint32_t& into, std::uint32_t min,
                              std::uint32_t max) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* value = node->as_integer();
    if (value != nullptr && value->get() >= min && value->get() <= max)
        into = static_cast<std::uint32_t>(value->get());
    else
        refuse(key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
}

void TableReader::read_size(std::string_view key, std::uint64_t& into, std::uint64_t min, std::uint64_t max) {
    const auto* node = find(key);
    if (node == nullptr) return;
    std::optional<std::uint64_t> size;
    if (const auto* number = node->as_integer(); number != nullptr && number->get() >= 0)
        size = static_cast<std::uint64_t>(number->get());
    if (const auto* text = node->as_string()) size = parse_byte_size(text->get());
    if (!size)
        refuse(key, "must be a size: a number of bytes, or a text like \"512 MiB\" (B, KiB, MiB, GiB, TiB)");
    else if (*size < min || *size > max)
        refuse(key, max == any_bytes_max
                        ? "must be a size of at least " + byte_size_text(min)
                        : "must be a size from " + byte_size_text(min) + " to " + byte_size_text(max));
    else
        into = *size;
}

void TableReader::read_text(std::string_view key, std::string& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_string())
        into = from_ascii(value->get());
    else
        refuse(key, "must be a text in quotes");
}

void TableReader::read_path(std::string_view key, std::filesystem::path& into) {
    std::string text;
    read_text(key, text);
    const auto* node = table_.get(key);
    if (node == nullptr || !node->is_string()) return;
    if (text.starts_with('~'))
        return refuse(key, "\"~\" means nothing here; write the whole path, beginning with \"/\"");
    if (!text.starts_with('/') || text.contains('\0'))
        return refuse(key, "must be a path that begins with \"/\"");
    auto path = std::filesystem::path(text).lexically_normal();
    into = path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

void TableReader::read_choice(std::string_view key, std::size_t& into,
                              std::span<const std::string_view> words) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* value = node->as_string();
    const auto found = value != nullptr ? std::ranges::find(words, value->get()) : words.end();
    if (found == words.end())
        refuse(key, "must be " + quoted_list(words));
    else
        into = static_cast<std::size_t>(found - words.begin());
}

std::optional<TableReader> TableReader::table(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return {};
    if (const auto* below = node->as_table()) return TableReader(*below, full_name(key), problems_);
    refuse(key, "must be a table: [" + full_name(key) + "]");
    return {};
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
    std::vector<TableReader> found;
    const auto* node = find(key);
    if (node == nullptr) return found;
    const auto* array = node->as_array();
    const auto is_table = [](const toml::node& element) { return element.is_table(); };
    if (array == nullptr || !std::all_of(array->begin(), array->end(), is_table)) {
        refuse(key, "must be written as [[" + full_name(key) + "]], once for each");
        return found;
    }
    for (const auto& element : *array) found.emplace_back(*element.as_table(), full_name(key), problems_);
    return found;
}

void TableReader::finish() {
    for (const auto& [key, node] : table_) {
        if (std::ranges::find(known_, key.str()) == known_.end())
            refuse(key.str(), unknown_key_text(key.str(), known_));
    }
}

}  // namespace wcmp::settings
