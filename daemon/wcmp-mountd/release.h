// Waits until a device is free: until an exclusive open of it succeeds. That a mount was closed says nothing;
// the last open file in it decides, and only the kernel knows when that one is gone.
#pragma once

#include "drive_worker.h"
#include "drives/devices.h"

#include <chrono>

namespace wcmp::mountd {

struct ReleaseTimes {
    std::chrono::milliseconds first = std::chrono::milliseconds(10);  // between two looks; doubled each time
    std::chrono::milliseconds longest = std::chrono::milliseconds(500);
    std::chrono::milliseconds patience = std::chrono::seconds(30);  // then still_in_use is told, once
};

struct ReleaseListener {
    std::function<void()> released;
    std::function<void(const Error&)> still_in_use;  // the wait goes on
};

// One wait. Ends with released(), or with its destruction; nothing is told after that.
class Release {
public:
    // Looks at once, on the worker, which must outlive this only as far as its own destructor says.
    Release(boost::asio::io_context& io, DriveWorker& worker, drives::Device device,
            const ReleaseTimes& times, ReleaseListener listener);
    Release(const Release&) = delete;
    Release& operator=(const Release&) = delete;
    ~Release();

private:
    class Wait;
    std::shared_ptr<Wait> wait_;
};

}  // namespace wcmp::mountd
