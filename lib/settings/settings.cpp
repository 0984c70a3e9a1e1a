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

constexpr std::uint64_t store_bytes_min = std::uint64_t{16} << 20;
constexpr std::size_t file_bytes_max = std::size_t{1} << 20;
constexpr std::size_t read_at_once_bytes = std::size_t{16} << 10;
constexpr std::size_t socket_path_bytes_max = 107;  // sockaddr_un
constexpr std::size_t name_bytes_max = 255;
constexpr std::uint32_t visit_seconds_min = 10;
constexpr std::uint32_t visit_seconds_limit = 86'400;
constexpr std::uint64_t visit_bytes_min = std::uint64_t{256} << 20;

// A dummy has 5.8 KB on the average: 1.5 MB a visit, and of ten times the mean, once in 22 000 visits, 15 MB
// in memory.
constexpr std::uint32_t cover_mean_max = 256;
// Nine of ten dummies live 28 days, rounded up to a week; a relay that refuses these has none to show.
constexpr std::uint32_t cover_lifetime_days_min = 28 + 6;

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

void read_cover(TableReader& table, Settings& settings) {
    table.read_number("messages_per_visit", settings.cover.messages_per_visit, 0, cover_mean_max);
    if (settings.cover.messages_per_visit > 0 && settings.rules.lifetime_days_max < cover_lifetime_days_min)
        table.refuse("messages_per_visit",
                     "needs a rules.lifetime_days_max of at least 34, as dummies live so long");
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

bool overlap(const std::filesystem::path& store, const std::filesystem::path& drive) {
    return !store.empty() && (inside(drive, store) || inside(store, drive));
}

constexpr std::string_view store_as_drive =
    "the store cannot be a drive, nor lie in one; choose another directory";

void read_directory(TableReader table, Settings& settings) {
    DirectoryDrive drive;
    table.read_path("path", drive.path);
    table.read_bool("shared", drive.shared);
    table.finish();
    auto& directories = settings.drives.directories;
    if (drive.path.empty())
        table.refuse("path", "is missing or unusable: say which directory to watch");
    else if (std::ranges::find(directories, drive.path, &DirectoryDrive::path) != directories.end())
        table.refuse("path", "is listed twice; remove one of the two");
    else if (overlap(settings.store.path, drive.path))
        table.refuse("path", std::string(store_as_drive));
    directories.push_back(std::move(drive));
}

bool is_too_long(const std::filesystem::path& socket) {
    return socket.native().size() > socket_path_bytes_max;
}

constexpr std::string_view socket_too_long = "is too long: sockets take at most 107 bytes";

void read_socket(TableReader& table, std::string_view key, std::filesystem::path& socket) {
    table.read_path(key, socket);
    if (is_too_long(socket)) table.refuse(key, std::string(socket_too_long));
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
    read_section(top, "cover", [&](TableReader& table) { read_cover(table, settings); });
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

std::optional<SettingsError> find_conflict(const Settings& settings) {
    const auto conflict = [](const char* key, std::string_view problem) {
        return SettingsError{.file = {}, .line = 0, .key = key, .problem = std::string(problem)};
    };
    if (is_too_long(settings.api.socket)) return conflict("api.socket", socket_too_long);
    std::error_code unknown;
    const auto store = std::filesystem::absolute(settings.store.path, unknown).lexically_normal();
    for (const auto& drive : settings.drives.directories)
        if (overlap(store, drive.path)) return conflict("drives.directory.path", store_as_drive);
    return std::nullopt;
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
    const auto type = std::filesystem::status(file, unknown).type();
    if (type == std::filesystem::file_type::directory)
        return std::unexpected(file_error(file, "is a directory; name the file in it"));
    // Opening a FIFO would wait for whoever writes into it.
    if (std::filesystem::exists(file, unknown) && type != std::filesystem::file_type::regular)
        return std::unexpected(file_error(file, "is no regular file"));
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return std::unexpected(file_error(file, "cannot be read: " + std::system_category().message(errno)));
    std::string text;
    while (stream && text.size() <= file_bytes_max) {
        const auto known = text.size();
        text.resize(known + read_at_once_bytes);
        stream.read(text.data() + known, read_at_once_bytes);
        text.resize(known + static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) return std::unexpected(file_error(file, "cannot be read"));
    if (text.size() > file_bytes_max) return std::unexpected(file_error(file, "is larger than 1 MiB"));
    return parse(text, file.string());
}

}  // namespace wcmp::settings
