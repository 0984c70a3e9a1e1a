#include "drives/desktop_source.h"

#include "core/limits.h"
#include "drives/desktop_mount.h"
#include "io/posix.h"

#include <algorithm>

namespace wcmp::drives {

DesktopSource::DesktopSource(boost::asio::io_context& io, DriveNumbers& numbers,
                             std::unique_ptr<Devices> devices, DesktopSourceOptions options)
    : numbers_(numbers),
      devices_(std::move(devices)),
      options_(std::move(options)),
      arrivals_(std::make_shared<FolderArrivals>(io, options_.folder, [this](DriveId id) { prepared(id); })) {
}

DesktopSource::~DesktopSource() {
    arrivals_->stop();
    devices_->stop();
}

void DesktopSource::start(Listener listener) {
    listener_ = std::move(listener);
    const auto started =
        devices_->start({.found = [this](const Device& device) { found(device); },
                         .changed = [this](const Device& device) { changed(device); },
                         .gone = [this](const DeviceKey& key) { gone(key); },
                         // The desktop's mount stays; a visit in it ends.
                         .disqualified = [this](const DeviceKey& key) { gone(key); },
                         .wanted = [this](const DeviceKey& key) { wanted(key); },
                         .settled = [] {},
                         .unknown_system = [this](std::string_view why) { unknown_system(why); }});
    if (!started && options_.trouble) options_.trouble(started.error());
    arrivals_->start();
}

void DesktopSource::stop() {
    arrivals_->stop();
    devices_->stop();
    listener_ = {};
}

void DesktopSource::found(const Device& device) {
    DriveId id;
    {
        const std::scoped_lock guard(mutex_);
        if (drives_.size() == limits::devices_max) return;
        id = numbers_.next();
        drives_[device.key] = id;
    }
    if (const auto added = listener_.added)
        added({.id = id,
               .kind = Kind::desktop,
               .file_system = device.file_system,
               .shared = false,
               .readiness = device.readiness,
               .carrier = device.carrier});
}

void DesktopSource::changed(const Device& device) {
    const auto id = id_of(device.key);
    const auto readiness = listener_.readiness;
    if (id && readiness)
        readiness({.id = *id, .file_system = device.file_system, .readiness = device.readiness});
}

void DesktopSource::gone(const DeviceKey& key) {
    const auto id = id_of(key);
    if (!id) return;
    {
        const std::scoped_lock guard(mutex_);
        drives_.erase(key);
    }
    if (const auto removed = listener_.removed) removed({*id});
}

void DesktopSource::wanted(const DeviceKey& key) {
    const auto id = id_of(key);
    const auto wanted = listener_.wanted;
    if (id && wanted) wanted({*id});
}

void DesktopSource::prepared(DriveId id) {
    if (!key_of(id)) return;  // it has gone
    if (const auto changed = listener_.changed) changed({id});
}

void DesktopSource::unknown_system(std::string_view why) {
    if (why.empty() && options_.trouble_over) options_.trouble_over();
    if (!why.empty() && options_.trouble) options_.trouble({Errc::unsupported, why, 0});
}

std::optional<DriveId> DesktopSource::id_of(const DeviceKey& key) const {
    const std::scoped_lock guard(mutex_);
    const auto known = drives_.find(key);
    return known == drives_.end() ? std::nullopt : std::optional(known->second);
}

Result<DeviceKey> DesktopSource::key_of(DriveId id) const {
    const std::scoped_lock guard(mutex_);
    const auto known = std::ranges::find_if(drives_, [id](const auto& drive) { return drive.second == id; });
    if (known == drives_.end()) return fail(Errc::not_found, "the drive has gone");
    return known->first;
}

Result<std::unique_ptr<io::Directory>> DesktopSource::open(DriveId id) {
    WCMP_ASSIGN(const auto key, key_of(id));
    auto root = open_mounted({key.major, key.minor}, options_.system);
    // Meanwhile it may have gone, and its number may be another's: that one is not opened under this id.
    WCMP_TRY(key_of(id));
    if (!root) return std::unexpected(root.error());
    arrivals_->watch(root->get(), id);  // before the visit looks, so that nothing falls between
    return io::adopt_directory(std::move(*root));
}

Result<void> DesktopSource::release(DriveId id) {
    const auto key = key_of(id);
    if (!key) return {};  // gone meanwhile, and reported
    const auto is_open = is_open_here({key->major, key->minor});
    if (!is_open) return fail(Errc::busy, is_open.error().what, is_open.error().os_error);
    if (*is_open) return fail(Errc::busy, "files of this relay are still open on the drive");
    return {};
}

}  // namespace wcmp::drives
