// One drive, and what has been done with it for the client: offered, mounted, waited for.
#pragma once

#include "detached_mount.h"
#include "drive_worker.h"
#include "drives/handover.h"
#include "release.h"

#include <optional>

#include <boost/asio/steady_timer.hpp>

namespace wcmp::mountd {

struct DriveTimes {
    ReleaseTimes release;
    // Until somebody else who has the drive is done with it; how long that takes is nobody's fault.
    ReleaseTimes others{.first = std::chrono::milliseconds(250), .longest = std::chrono::seconds(2)};
    std::chrono::milliseconds give_back = std::chrono::seconds(30);
};

struct DriveListener {
    // To the client, if there is one. The descriptor is only lent.
    std::function<void(const drives::handover::Message&, int descriptor)> tell;
    std::function<void()> changed;  // held() or overdue()
};

class Drive : public std::enable_shared_from_this<Drive> {
public:
    Drive(boost::asio::io_context& io, std::uint32_t number, drives::Device device, Owner owner,
          const DriveTimes& times, DriveListener listener);

    const drives::DeviceKey& key() const { return device_.key; }
    std::uint32_t number() const { return number_; }
    // The client has it, or will have it.
    bool held() const { return state_ == State::mounting || state_ == State::mounted || releasing(); }
    // It was asked for, and has not been given back in time.
    bool overdue() const { return overdue_; }

    void announce();
    void update(drives::Device device);

    // What the client wants.
    void mount();
    void release();
    // What mountd wants of the client.
    void give_back();
    // The client has gone; what it held the kernel takes back.
    void forsake();

private:
    enum class State : std::uint8_t {
        offered,
        mounting,
        mounted,
        releasing,
        others,  // somebody else has it, or there is no thread for it
    };

    bool releasing() const { return state_ == State::releasing; }
    void tell(drives::handover::What what, int os_error = 0);
    void become(State state);
    DriveWorker::Work mounting();
    void mount_ended(MountAttempt attempt);
    void mount_failed(const Error& error);
    void hand_over(DetachedMount mount);
    void wait_for_others();

    boost::asio::io_context& io_;
    const std::uint32_t number_;
    drives::Device device_;
    const Owner owner_;
    const DriveTimes times_;
    const DriveListener listener_;
    DriveWorker worker_;
    boost::asio::steady_timer patience_;
    State state_ = State::offered;
    std::uint64_t turn_ = 0;  // tells the outcome of one mount from that of an earlier one
    bool overdue_ = false;
    std::optional<Release> release_;
};

}  // namespace wcmp::mountd
