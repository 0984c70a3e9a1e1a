// libudev: the block devices that there are, and what happens to them. What udev says comes after its rules
// have run, so the properties are complete.
#pragma once

#include "core/error.h"
#include "drives/block_device.h"

#include <memory>
#include <optional>
#include <vector>

struct udev;
struct udev_monitor;

namespace wcmp::drives {

struct UdevEvent {
    bool removed = false;  // or gone from sysfs before its event of removal comes
    bool eject_requested = false;
    BlockDevice device;  // of one that was removed little is known but its number
};

class UdevMonitor {
public:
    // From now on nothing is missed: enumerate after this.
    static Result<UdevMonitor> open();

    // Readable when there are events. It belongs to the monitor.
    int descriptor() const;

    // Nothing when no event waits. Errc::no_space: there were more than the buffer holds, some are lost.
    Result<std::optional<UdevEvent>> receive();

    // Those that udev has finished with; the others follow as events.
    Result<std::vector<BlockDevice>> enumerate() const;

private:
    struct Closer {
        void operator()(udev* context) const;
        void operator()(udev_monitor* monitor) const;
    };

    UdevMonitor(std::unique_ptr<udev, Closer> context, std::unique_ptr<udev_monitor, Closer> monitor)
        : context_(std::move(context)), monitor_(std::move(monitor)) {}

    std::unique_ptr<udev, Closer> context_;
    std::unique_ptr<udev_monitor, Closer> monitor_;
};

}  // namespace wcmp::drives
