// Where things are when nobody says otherwise: as a system service, or as a service of one person.
#pragma once

#include "settings/settings.h"

#include <filesystem>
#include <optional>
#include <string>

namespace wcmp::daemon {

enum class ServiceKind : std::uint8_t { user, system };
std::string_view to_string(ServiceKind kind);

// What the process was given.
struct Surroundings {
    bool is_root = false;
    std::string user_name;
    std::string home;
    std::string xdg_config_home, xdg_state_home, xdg_runtime_dir;  // empty: not set
};
Surroundings surroundings();

struct Defaults {
    ServiceKind service = ServiceKind::user;
    std::filesystem::path config;  // may be missing
    std::filesystem::path store;
    std::filesystem::path socket;  // empty: there is no good place
};
Defaults defaults_for(const Surroundings& surroundings);

// Command line over file over defaults. A SettingsError when a path is still missing.
struct Overrides {
    std::optional<std::filesystem::path> config, store, socket;
};
settings::SettingsResult<settings::Settings> load_settings(const Defaults& defaults,
                                                           const Overrides& overrides);

// Never `automatic`: for the system service mountd where it listens, else none; for a person's, the desktop.
settings::DriveSource drive_source(ServiceKind service, const settings::Settings::Drives& drives);

}  // namespace wcmp::daemon
