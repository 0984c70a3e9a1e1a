// The block devices of this machine that are drives, kept up to date by udev and the table of mounts.
//
// Everything happens on the thread that runs the io_context. Nothing on a device is ever opened.
#pragma once

#include "drives/devices.h"
#include "drives/qualification.h"
#include "drives/system_disks.h"

#include <filesystem>
#include <memory>
#include <string_view>

#include <boost/asio/io_context.hpp>

namespace wcmp::drives {

struct DeviceWatchOptions {
    QualificationRules rules;
    // Whose disk is left alone, as the system's are. Absolute; it need not exist yet.
    std::filesystem::path store;
    SystemPaths system;
};

class DeviceWatch final : public Devices {
public:
    DeviceWatch(boost::asio::io_context& io, DeviceWatchOptions options);
    DeviceWatch(const DeviceWatch&) = delete;
    DeviceWatch& operator=(const DeviceWatch&) = delete;
    ~DeviceWatch() override;

    // Errc::unsupported: it cannot be told which disks the system lies on, so no drive can be used.
    Result<void> start(DeviceListener listener) override;
    void stop() override;

    // Why no device qualifies at this moment, as a sentence for people; empty when there is no such reason.
    // start() has refused what it could see; this may come later, and go again (a swap file on a mount that
    // cannot be followed). Devices that were told are gone then.
    std::string_view unknown_system() const;

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace wcmp::drives
