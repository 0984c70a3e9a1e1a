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

// Never `automatic`: mountd for the system service, the desktop for a person's. Whether wcmp-mountd listens
// is not asked: it may be started later, and is waited for.
settings::DriveSource drive_source(ServiceKind service, const settings::Settings::Drives& drives);

// Whether it is a fault that wcmp-mountd is not there: where somebody asked for it, and for the system
// service as the service manager runs it. A relay that root starts by hand may do without.
bool expects_mounter(ServiceKind service, const settings::Settings::Drives& drives, bool is_managed);

}  // namespace wcmp::daemon
