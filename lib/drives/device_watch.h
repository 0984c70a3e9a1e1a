// The block devices of this machine that are drives, kept up to date by udev and the table of mounts.
//
// Everything happens on the thread that runs the io_context. Nothing on a device is ever opened.
#pragma once

#include "drives/devices.h"
#include "drives/qualification.h"
#include "drives/system_disks.h"

#include <chrono>
#include <filesystem>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace wcmp::drives {

struct DeviceWatchOptions {
    QualificationRules rules;
    // Whose disk is left alone, as the system's are. Absolute; it need not exist yet.
    std::filesystem::path store;
    SystemPaths system{};
    // While the system is not known, or events were lost and udev did not say what there is: not everything
    // that may end this comes with an event.
    std::chrono::milliseconds look_again_after = std::chrono::seconds(30);
};

class DeviceWatch final : public Devices {
public:
    DeviceWatch(boost::asio::io_context& io, DeviceWatchOptions options);
    DeviceWatch(const DeviceWatch&) = delete;
    DeviceWatch& operator=(const DeviceWatch&) = delete;
    ~DeviceWatch() override;

    // While it cannot be told which disks the system lies on no device qualifies, and that is told. It may be
    // so at the start (a mount that is still to come), come later (a swap file on a mount that cannot be
    // followed), and go again.
    Result<void> start(DeviceListener listener) override;
    void stop() override;

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace wcmp::drives
