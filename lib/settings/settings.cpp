#include "settings/settings.h"

#include "core/limits.h"
#include "settings/ascii.h"
#include "settings/table_reader.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace wcmp::settings {
namespace {

constexpr std::uint64_t any_bytes_max = ~std::uint64_t{0} >> 1;  // what TOML's numbers hold
constexpr std::uint64_t store_bytes_min = std::uint64_t{16} << 20;
constexpr std::size_t file_bytes_max = std::size_t{1} << 20;
constexpr std::size_t socket_path_bytes_max = 107;  // sockaddr_un
constexpr std::size_t name_bytes_max = 255;
constexpr std::uint32_t visit_seconds_min = 10;
constexpr std::uint32_t visit_seconds_limit = 86'400;
constexpr std::uint64_t visit_bytes_min = std::uint64_t{256} << 20;

constexpr std::array<std::string_view, 2> adopt_words{"prepared", "any"};
constexpr std::array<std::string_view, 4> source_words{"auto", "mountd", "desktop", "none"};
constexpr std::array<std::string_view, 4> level_words{"error", "warning", "info", "debug"};

void read_store(TableReader& table, Settings::Store& store) {
    table.read_path("path", store.path);
    table.read_size("bytes_max", store.bytes_max, store_bytes_min, any_bytes_max);
    table.read_size("keep_free_bytes", store.keep_free_bytes, 0, any_bytes_max);
}

void read_rules(TableReader& table, Settings::Rules& rules) {
    table.read_number("lifetime_days_max", rules.lifetime_days_max, 1, limits::horizon_days);
    table.read_size("message_bytes_max", rules.message_bytes_max, limits::message_bytes_min,
                    limits::message_bytes_max);
}

void read_folder(TableReader& table, std::string& folder) {
    table.read_text("folder", folder);
    const bool control = std::ranges::any_of(folder, [](char c) { return c >= 0 && c < ' '; });
    if (folder.empty() || folder == "." || folder == ".." || folder.contains('/') || control ||
        folder.size() > name_bytes_max)
        table.refuse("folder", "must be the name of a folder, without \"/\"");
}

bool inside(const std::filesystem::path& path, const std::filesystem::path& outer) {
    const auto [in_outer, in_path] = std::ranges::mismatch(outer, path);
    return in_outer == outer.end();
}

void read_directory(TableReader table, Settings& settings) {
    DirectoryDrive drive;
    table.read_path("path", drive.path);
    table.read_bool("shared", drive.shared);
    table.finish();
    auto& directories = settings.drives.directories;
    const auto& store = settings.store.path;
    if (drive.path.empty())
        table.refuse("path", "is missing or unusable: say which directory to watch");
    else if (std::ranges::find(directories, drive.path, &DirectoryDrive::path) != directories.end())
        table.refuse("path", "is listed twice; remove one of the two");
    else if (!store.empty() && (inside(drive.path, store) || inside(store, drive.path)))
        table.refuse("path", "the store cannot be a drive, nor lie in one; choose another directory");
    directories.push_back(std::move(drive));
}

void read_socket(TableReader& table, std::string_view key, std::filesystem::path& socket) {
    table.read_path(key, socket);
    if (socket.native().size() > socket_path_bytes_max)
        table.refuse(key, "is too long: sockets take at most 107 bytes");
}

void read_source(TableReader& table, Settings::Drives& drives) {
    auto source = static_cast<std::size_t>(drives.source);
    table.read_choice("source", source, source_words);
    drives.source = static_cast<DriveSource>(source);
    read_socket(table, "handover_socket", drives.handover_socket);
}

void read_drives(TableReader& table, Settings& settings) {
    auto& drives = settings.drives;
    read_source(table, drives);
    auto adopt = static_cast<std::size_t>(drives.adopt);
    read_folder(table, drives.folder);
    table.read_choice("adopt", adopt, adopt_words);
    drives.adopt = static_cast<Adopt>(adopt);
    table.read_size("bytes_max", drives.bytes_max, 0, any_bytes_max);
    table.read_size("keep_free_bytes", drives.keep_free_bytes, 0, any_bytes_max);
    table.read_number("visit_seconds_max", drives.visit_seconds_max, visit_seconds_min, visit_seconds_limit);
    table.read_size("visit_bytes_max", drives.visit_bytes_max, visit_bytes_min, any_bytes_max);
    for (auto& directory : table.tables("directory")) read_directory(std::move(directory), settings);
}

void read_api(TableReader& table, Settings::Api& api) {
    read_socket(table, "socket", api.socket);
    table.read_size("upload_bytes_max", api.upload_bytes_max, limits::message_bytes_min,
                    limits::bundle_bytes_limit);
}

void read_log(TableReader& table, Settings::Log& log) {
    auto level = static_cast<std::size_t>(log.level);
    table.read_choice("level", level, level_words);
    log.level = static_cast<LogLevel>(level);
}

template <class Read>
void read_section(TableReader& top, std::string_view name, Read read) {
    auto table = top.table(name);
    if (!table) return;
    read(*table);
    table->finish();
}

Settings read_all(const toml::table& document, Problems& problems) {
    Settings settings;
    TableReader top(document, "", problems);
    read_section(top, "store", [&](TableReader& table) { read_store(table, settings.store); });
    read_section(top, "rules", [&](TableReader& table) { read_rules(table, settings.rules); });
    read_section(top, "drives", [&](TableReader& table) { read_drives(table, settings); });
    read_section(top, "api", [&](TableReader& table) { read_api(table, settings.api); });
    read_section(top, "clock",
                 [&](TableReader& table) { table.read_bool("trust_rtc", settings.clock.trust_rtc); });
    read_section(top, "log", [&](TableReader& table) { read_log(table, settings.log); });
    top.finish();
    return settings;
}

SettingsError file_error(const std::filesystem::path& file, std::string problem) {
    return {.file = file.string(), .line = 0, .key = {}, .problem = std::move(problem)};
}

}  // namespace

std::string SettingsError::text() const {
    std::string text = file;
    if (line > 0) text += ":" + std::to_string(line);
    if (!key.empty()) text += ": " + key;
    return text + ": " + problem;
}

SettingsResult<Settings> parse(std::string_view toml, const std::string& file_name) {
    const auto parsed = toml::parse(to_ascii(toml));
    if (!parsed) {
        const auto& error = parsed.error();
        return std::unexpected(SettingsError{.file = file_name,
                                             .line = error.source().begin.line,
                                             .key = {},
                                             .problem = "not TOML: " + from_ascii(error.description())});
    }
    Problems problems;
    auto settings = read_all(parsed.table(), problems);
    if (auto problem = problems.first()) {
        problem->file = file_name;
        return std::unexpected(*std::move(problem));
    }
    return settings;
}

SettingsResult<Settings> load(const std::filesystem::path& file) {
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown))
        return std::unexpected(file_error(file, "is a directory; name the file in it"));
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return std::unexpected(file_error(file, "cannot be read: " + std::system_category().message(errno)));
    std::string text(file_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (stream.bad()) return std::unexpected(file_error(file, "cannot be read"));
    if (text.size() > file_bytes_max) return std::unexpected(file_error(file, "is larger than 1 MiB"));
    return parse(text, file.string());
}

}  // namespace wcmp::settings
