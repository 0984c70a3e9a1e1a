#include "defaults.h"

#include <cstdlib>

#include <pwd.h>
#include <unistd.h>

namespace wcmp::daemon {

namespace {

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// A file that may not be looked at is none that is missing: its settings would silently not count.
bool is_missing(const std::filesystem::path& file) {
    std::error_code unknown;
    return std::filesystem::status(file, unknown).type() == std::filesystem::file_type::not_found;
}

std::filesystem::path under(const std::string& set, const std::string& home, const char* otherwise) {
    return set.empty() ? std::filesystem::path(home) / otherwise : std::filesystem::path(set);
}

}  // namespace

std::string_view to_string(ServiceKind kind) {
    switch (kind) {
    case ServiceKind::user: return "user";
    case ServiceKind::system: return "system";
    }
    return "";
}

Surroundings surroundings() {
    Surroundings found;
    found.is_root = ::geteuid() == 0;
    found.home = from_environment("HOME");
    if (const auto* entry = ::getpwuid(::geteuid())) {
        found.user_name = entry->pw_name;
        if (found.home.empty()) found.home = entry->pw_dir;
    }
    found.xdg_config_home = from_environment("XDG_CONFIG_HOME");
    found.xdg_state_home = from_environment("XDG_STATE_HOME");
    found.xdg_runtime_dir = from_environment("XDG_RUNTIME_DIR");
    return found;
}

Defaults defaults_for(const Surroundings& around) {
    if (around.is_root || around.user_name == "wcmp")
        return {ServiceKind::system, "/etc/wcmp/wcmpd.toml", "/var/lib/wcmp/store", "/run/wcmp/api.sock"};
    Defaults found;
    found.config = under(around.xdg_config_home, around.home, ".config") / "wcmp/wcmpd.toml";
    found.store = under(around.xdg_state_home, around.home, ".local/state") / "wcmp/store";
    if (!around.xdg_runtime_dir.empty())
        found.socket = std::filesystem::path(around.xdg_runtime_dir) / "wcmp/api.sock";
    return found;
}

settings::SettingsResult<settings::Settings> load_settings(const Defaults& defaults,
                                                           const Overrides& overrides) {
    settings::Settings settings;
    const auto file = overrides.config.value_or(defaults.config);
    if (overrides.config || !is_missing(file)) {
        auto loaded = settings::load(file);
        if (!loaded) return loaded;
        settings = std::move(*loaded);
    }
    if (overrides.store) settings.store.path = *overrides.store;
    if (overrides.socket) settings.api.socket = *overrides.socket;
    if (settings.store.path.empty()) settings.store.path = defaults.store;
    if (settings.api.socket.empty()) settings.api.socket = defaults.socket;
    if (settings.api.socket.empty())
        return std::unexpected(settings::SettingsError{file.string(), 0, "api.socket",
                                                       "XDG_RUNTIME_DIR is not set, so there is no place for "
                                                       "the socket: name one, here or with --socket"});
    if (auto problem = settings::find_conflict(settings)) {
        problem->file = file.string();
        return std::unexpected(*std::move(problem));
    }
    return settings;
}

settings::DriveSource drive_source(ServiceKind service, const settings::Settings::Drives& drives) {
    using settings::DriveSource;
    if (drives.source != DriveSource::automatic) return drives.source;
    return service == ServiceKind::user ? DriveSource::desktop : DriveSource::mountd;
}

bool expects_mounter(ServiceKind service, const settings::Settings::Drives& drives, bool is_managed) {
    using settings::DriveSource;
    if (drive_source(service, drives) != DriveSource::mountd) return false;
    return drives.source == DriveSource::mountd || is_managed;
}

}  // namespace wcmp::daemon
