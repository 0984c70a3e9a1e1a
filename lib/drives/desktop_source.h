// The `desktop` source: drives that somebody's desktop mounts. Nothing is ever mounted here.
//
// Everything is called on the thread that runs the devices' io_context, but open() and release().
#pragma once

#include "drives/devices.h"
#include "drives/folder_arrivals.h"
#include "drives/system_disks.h"

#include <map>
#include <mutex>

namespace wcmp::drives {

struct DesktopSourceOptions {
    SystemPaths system{};
    std::string folder = "WCMP";
    // Why no drive can be used: from inside start(), or when it comes to be so; and that it is over.
    std::function<void(const Error&)> trouble{};
    std::function<void()> trouble_over{};
};

class DesktopSource final : public Source {
public:
    // Devices that are ready once the desktop has mounted them (QualificationRules::desktop_mounts).
    DesktopSource(boost::asio::io_context& io, DriveNumbers& numbers, std::unique_ptr<Devices> devices,
                  DesktopSourceOptions options = {});
    DesktopSource(const DesktopSource&) = delete;
    DesktopSource& operator=(const DesktopSource&) = delete;
    ~DesktopSource() override;

    void start(Listener listener) override;
    void stop() override;

    // A plain directory: while it is open the desktop's unmount fails. Errc::busy when it is not mounted.
    // From then on until it is unmounted it is reported as changed when its folder appears: that it was
    // prepared.
    Result<std::unique_ptr<io::Directory>> open(DriveId id) override;
    // Success says that nothing of ours is open on it. The desktop unmounts it, or not.
    Result<void> release(DriveId id) override;

private:
    void found(const Device& device);
    void changed(const Device& device);
    void gone(const DeviceKey& key);
    void wanted(const DeviceKey& key);
    void prepared(DriveId id);
    void unknown_system(std::string_view why);
    std::optional<DriveId> id_of(const DeviceKey& key) const;
    Result<DeviceKey> key_of(DriveId id) const;

    DriveNumbers& numbers_;
    const std::unique_ptr<Devices> devices_;
    const DesktopSourceOptions options_;
    const std::shared_ptr<FolderArrivals> arrivals_;
    Listener listener_;
    mutable std::mutex mutex_;
    std::map<DeviceKey, DriveId> drives_;
};

}  // namespace wcmp::drives
