#include "next_start.h"

namespace wcmp::daemon {

namespace {

template <class T>
void keep(const T& in_force, T& read, std::string_view name, std::string& changed) {
    if (read == in_force) return;
    read = in_force;
    if (!changed.empty()) changed += ", ";
    changed += name;
}

}  // namespace

std::string keep_until_next_start(const settings::Settings& in_force, settings::Settings& read) {
    std::string changed;
    keep(in_force.store.path, read.store.path, "store.path", changed);
    keep(in_force.api.socket, read.api.socket, "api.socket", changed);
    keep(in_force.drives.folder, read.drives.folder, "drives.folder", changed);
    keep(in_force.drives.source, read.drives.source, "drives.source", changed);
    keep(in_force.drives.handover_socket, read.drives.handover_socket, "drives.handover_socket", changed);
    keep(in_force.clock.trust_rtc, read.clock.trust_rtc, "clock.trust_rtc", changed);
    return changed;
}

}  // namespace wcmp::daemon
