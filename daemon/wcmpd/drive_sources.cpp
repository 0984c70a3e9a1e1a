#include "drive_sources.h"

#include "drives/device_watch.h"
#include "log/log.h"

namespace wcmp::daemon {

namespace {

namespace asio = boost::asio;
using settings::DriveSource;

std::vector<drives::WatchedDirectory> watched(const settings::Settings& settings) {
    std::vector<drives::WatchedDirectory> directories;
    directories.reserve(settings.drives.directories.size());
    for (const auto& drive : settings.drives.directories) directories.push_back({drive.path, drive.shared});
    return directories;
}

// Nobody asked for it in so many words where `automatic` chose it: a machine without udev is no failure then.
void tell(const settings::Settings& settings, const Error& why, const std::string& what_to_do) {
    const auto line = "drives that are plugged in are not used: " + describe(why) + what_to_do;
    if (settings.drives.source == DriveSource::automatic)
        log::info(line);
    else
        log::warning(line);
}

std::unique_ptr<drives::DesktopSource> desktop_source(asio::io_context& io, drives::DriveNumbers& numbers,
                                                      const settings::Settings& settings) {
    auto devices = std::make_unique<drives::DeviceWatch>(
        io, drives::DeviceWatchOptions{
                .rules = {.desktop_mounts = true}, .store = settings.store.path, .system = {}});
    return std::make_unique<drives::DesktopSource>(
        io, numbers, std::move(devices),
        drives::DesktopSourceOptions{
            .folder = settings.drives.folder,
            .trouble =
                [settings](const Error& why) {
                    tell(settings, why, "; directories can be named in the settings ([[drives.directory]])");
                },
            .trouble_over = [] { log::info("drives that are plugged in are used again"); }});
}

}  // namespace

std::unique_ptr<drives::MountdSource> DriveSources::mountd_source(asio::io_context& io,
                                                                  const settings::Settings& settings) {
    const auto socket = settings.drives.handover_socket;
    return std::make_unique<drives::MountdSource>(
        io, numbers_,
        drives::MountdSourceOptions{.link = {.socket = socket},
                                    .connected =
                                        [this](bool is_there) {
                                            if (expects_mounter_ && node_) node_->mounter_is(is_there);
                                        },
                                    .trouble =
                                        [settings, socket](const Error& why) {
                                            tell(settings, why,
                                                 "; wcmp-mountd is looked for again and again at " +
                                                     socket.string() + " (drives.handover_socket)");
                                        }});
}

DriveSources::DriveSources(asio::io_context& io, ServiceKind service, bool is_managed,
                           const settings::Settings& settings)
    : expects_mounter_(expects_mounter(service, settings.drives, is_managed)),
      directories_(io, numbers_, watched(settings),
                   drives::DirectorySourceOptions{.folder = settings.drives.folder}) {
    switch (drive_source(service, settings.drives)) {
    case DriveSource::mountd: mountd_ = mountd_source(io, settings); break;
    case DriveSource::desktop: desktop_ = desktop_source(io, numbers_, settings); break;
    case DriveSource::automatic:
    case DriveSource::none: break;
    }
}

void DriveSources::add_to(node::Node& node) {
    node_ = &node;
    if (expects_mounter_) node.mounter_is(false);
    node.add_source(directories_);
    if (mountd_) node.add_source(*mountd_);
    if (desktop_) node.add_source(*desktop_);
}

void DriveSources::configure(const settings::Settings& settings) {
    directories_.configure(watched(settings));
}

void DriveSources::show(drives::Light light) {
    if (mountd_) mountd_->set_light(light);
}

}  // namespace wcmp::daemon
