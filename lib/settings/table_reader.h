// Reads a TOML table key by key, and remembers the first problem in the file.
#pragma once

#include "settings/settings.h"

#include <optional>
#include <span>

// toml++ 3.3 and 3.4 assume of malformed table headers ("[[[1]]]") what is not so: an abort, or undefined
// behaviour under NDEBUG (marzer/tomlplusplus#301). The code behind those assumptions reports the error; so
// they go.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(expression) static_cast<void>(0)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace wcmp::settings {

// The problem that stands nearest to the beginning of the file.
class Problems {
public:
    void add(std::uint32_t line, std::string key, std::string problem);
    const std::optional<SettingsError>& first() const { return first_; }

private:
    std::optional<SettingsError> first_;
};

// Numbers in TOML are no larger: as a maximum it means that there is none.
inline constexpr std::uint64_t any_bytes_max = ~std::uint64_t{0} >> 1;

// Each read_* leaves its target alone when the key is missing, and adds a problem when the value will not do.
class TableReader {
public:
    TableReader(const toml::table& table, std::string name, Problems& problems)
        : table_(table), name_(std::move(name)), problems_(problems) {}

    void read_bool(std::string_view key, bool& into);
    void read_number(std::string_view key, std::uint32_t& into, std::uint32_t min, std::uint32_t max);
    // Bytes as a number, or as a text like "512 MiB".
    void read_size(std::string_view key, std::uint64_t& into, std::uint64_t min, std::uint64_t max);
    void read_text(std::string_view key, std::string& into);
    // An absolute path, made normal.
    void read_path(std::string_view key, std::filesystem::path& into);
    // The position of the value among the words.
    void read_choice(std::string_view key, std::size_t& into, std::span<const std::string_view> words);

    std::optional<TableReader> table(std::string_view key);
    std::vector<TableReader> tables(std::string_view key);

    // A problem with the value of a key, or with the whole table where the key is empty.
    void refuse(std::string_view key, std::string problem);

    // Refuses keys that were not asked for.
    void finish();

private:
    const toml::node* find(std::string_view key);
    std::string full_name(std::string_view key) const;

    const toml::table& table_;
    std::string name_;  // "drives", empty at the top
    Problems& problems_;
    std::vector<std::string> known_;
};

}  // namespace wcmp::settings
