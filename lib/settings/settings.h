// The daemon's settings, read from TOML (config/wcmpd.toml shows them all).
#pragma once

#include "core/error.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wcmp::settings {

struct DirectoryDrive {
    std::filesystem::path path;
    bool shared = false;

    bool operator==(const DirectoryDrive&) const = default;
};

enum class Adopt : std::uint8_t {
    prepared,
    any
};  // which drives are used: those with WCMP/, or any writable one
// Who hands over plugged-in drives: wcmp-mountd, the desktop that mounts them, nobody; `automatic` decides at
// the start (daemon/wcmpd/defaults.h).
enum class DriveSource : std::uint8_t { automatic, mountd, desktop, none };
enum class LogLevel : std::uint8_t { error, warning, info, debug };

struct Settings {
    struct Store {
        std::filesystem::path path;  // default: by service, see README
        std::uint64_t bytes_max = std::uint64_t{4} << 30;
        std::uint64_t keep_free_bytes = std::uint64_t{512} << 20;

        bool operator==(const Store&) const = default;
    } store;

    struct Rules {
        std::uint32_t lifetime_days_max = 182;
        std::uint64_t message_bytes_max = 1'114'112;

        bool operator==(const Rules&) const = default;
    } rules;

    struct Cover {
        // The mean; 0: off.
        std::uint32_t messages_per_visit = 0;

        bool operator==(const Cover&) const = default;
    } cover;

    struct Drives {
        std::string folder = "WCMP";
        Adopt adopt = Adopt::prepared;
        std::uint64_t bytes_max = 0;        // 0: no limit
        std::uint64_t keep_free_bytes = 0;  // 0: the smaller of 64 MiB and 1/16 of the file system
        DriveSource source = DriveSource::automatic;
        std::filesystem::path handover_socket = "/run/wcmp-mountd/handover.sock";
        // Of one visit: longer, or more bytes read and written together, and it is ended.
        std::uint32_t visit_seconds_max = 1800;
        std::uint64_t visit_bytes_max = std::uint64_t{64} << 30;
        std::vector<DirectoryDrive> directories;

        bool operator==(const Drives&) const = default;
    } drives;

    struct Api {
        std::filesystem::path socket;
        std::uint64_t upload_bytes_max = std::uint64_t{1} << 32;

        bool operator==(const Api&) const = default;
    } api;

    struct ClockSettings {
        bool trust_rtc = false;

        bool operator==(const ClockSettings&) const = default;
    } clock;

    struct Log {
        LogLevel level = LogLevel::info;

        bool operator==(const Log&) const = default;
    } log;

    bool operator==(const Settings&) const = default;
};

// Names what, where and what to do: "wcmpd.toml:12: rules.lifetime_days_max: must be a whole number from 1 to
// 182".
struct SettingsError {
    std::string file;
    std::uint32_t line = 0;  // 0: not a line's fault
    std::string key;
    std::string problem;

    std::string text() const;
};

template <class T>
using SettingsResult = std::expected<T, SettingsError>;

// What is wrong only when all paths are known, those from the command line and the defaults too.
std::optional<SettingsError> find_conflict(const Settings& settings);

// Unknown keys, wrong types and values out of range are errors.
SettingsResult<Settings> parse(std::string_view toml, const std::string& file_name);
SettingsResult<Settings> load(const std::filesystem::path& file);

}  // namespace wcmp::settings
