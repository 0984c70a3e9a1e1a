// The `mountd` source: drives that wcmp-mountd mounts and hands over (handover.h).
//
// Everything is called on the thread that runs the io_context, but open() and release(), which wait there for
// what wcmp-mountd answers. When the connection ends, all drives have gone; after it is made again they come
// back under other numbers.
#pragma once

#include "drives/handover_link.h"
#include "drives/light.h"
#include "drives/source.h"

namespace wcmp::drives {

struct MountdSourceOptions {
    HandoverLinkOptions link{.socket = "/run/wcmp-mountd/handover.sock"};
    // Mounting a drive that was not unmounted may take long; one that hangs must not keep its worker.
    std::chrono::milliseconds mount_time_max{60'000};
    std::chrono::milliseconds release_time_max{40'000};
    // A connection was made, or has ended.
    std::function<void(bool)> connected{};
    // Why there is no connection, once for each reason.
    std::function<void(const Error&)> trouble{};
};

class MountdSource final : public Source {
public:
    MountdSource(boost::asio::io_context& io, DriveNumbers& numbers, MountdSourceOptions options = {});
    MountdSource(const MountdSource&) = delete;
    MountdSource& operator=(const MountdSource&) = delete;
    ~MountdSource() override;

    // Every report comes later, from the io_context.
    void start(Listener listener) override;
    void stop() override;

    // Shown from now on, by every wcmp-mountd that is connected to.
    void set_light(Light light);

    Result<std::unique_ptr<io::Directory>> open(DriveId id) override;
    // Success when wcmp-mountd has seen that the device is free, or the drive has gone.
    Result<void> release(DriveId id) override;

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace wcmp::drives
