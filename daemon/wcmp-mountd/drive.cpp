#include "drive.h"

#include "log/log.h"

#include <cerrno>

namespace wcmp::mountd {

using drives::Readiness;
using drives::handover::What;

namespace {

// The last descriptor of a mount writes out what is left: where that may take its time. Without a thread it
// is closed here all the same, since what stays open is never released.
void close_on(DriveWorker& worker, io::UniqueFd root) {
    const auto asked = worker.run([root = std::move(root)]() mutable -> DriveWorker::Outcome {
        root.reset();
        return {};
    });
    if (!asked) log::debug("a mount was closed without a thread of its own: " + describe(asked.error()));
}

}  // namespace

Drive::Drive(boost::asio::io_context& io, std::uint32_t number, drives::Device device, Owner owner,
             const DriveTimes& times, DriveListener listener)
    : io_(io),
      number_(number),
      device_(std::move(device)),
      owner_(owner),
      times_(times),
      listener_(std::move(listener)),
      worker_(io),
      patience_(io) {}

void Drive::tell(What what, int os_error) {
    const bool taken = device_.readiness == Readiness::ready && state_ == State::others;
    listener_.tell({.what = what,
                    .drive = number_,
                    .readiness = taken ? Readiness::waiting : device_.readiness,
                    .file_system = device_.file_system,
                    .os_error = os_error,
                    .carrier = what == What::drive ? device_.carrier : 0},
                   -1);
}

void Drive::become(State state) {
    state_ = state;
    if (!held()) {
        patience_.cancel();
        overdue_ = false;
    }
    listener_.changed();
}

void Drive::announce() {
    tell(What::drive);
}

void Drive::update(drives::Device device) {
    if (device == device_) return;
    device_ = std::move(device);
    announce();
}

void Drive::mount() {
    if (state_ != State::offered) return tell(What::not_mounted, EBUSY);
    if (device_.readiness != Readiness::ready) return tell(What::not_mounted);
    become(State::mounting);
    const auto asked = worker_.run(mounting());
    if (asked) return;
    log::warning("a drive has to wait: " + describe(asked.error()));
    mount_failed(asked.error());
}

DriveWorker::Work Drive::mounting() {
    return [device = device_, owner = owner_, turn = ++turn_, weak = weak_from_this(),
            &io = io_]() -> DriveWorker::Outcome {
        return [weak, turn, &io, attempt = mount_detached(device, owner)]() mutable {
            const auto self = weak.lock();
            if (self && self->turn_ == turn) return self->mount_ended(std::move(attempt));
            // Nobody waits for it any more.
            if (!attempt.mount) return;
            DriveWorker closer(io);
            close_on(closer, std::move(attempt.mount->root));
        };
    };
}

void Drive::mount_ended(MountAttempt attempt) {
    if (!attempt.kernel_text.empty()) log::debug("the kernel on a mount: " + attempt.kernel_text);
    if (attempt.mount)
        hand_over(std::move(*attempt.mount));
    else
        mount_failed(attempt.mount.error());
}

void Drive::hand_over(DetachedMount mount) {
    listener_.tell({.what = What::mounted,
                    .drive = number_,
                    .readiness = device_.readiness,
                    .file_system = device_.file_system,
                    .read_only = mount.read_only},
                   mount.root.get());
    // If it could not be sent, this copy is the last: closing it writes back.
    close_on(worker_, std::move(mount.root));
    become(State::mounted);
}

void Drive::mount_failed(const Error& error) {
    const bool busy = error.code == Errc::busy;
    if (busy)
        log::debug("a drive cannot be had yet: " + describe(error));
    else
        log::warning("a drive was not mounted: " + describe(error));
    become(busy ? State::others : State::offered);
    tell(What::not_mounted, error.os_error);
    if (busy) wait_for_others();
}

void Drive::wait_for_others() {
    announce();
    release_.emplace(io_, worker_, device_, times_.others,
                     ReleaseListener{.released =
                                         [this] {
                                             become(State::offered);
                                             announce();
                                         },
                                     .still_in_use = [](const Error&) {}});
}

void Drive::release() {
    if (releasing()) return;
    ++turn_;
    release_.emplace(io_, worker_, device_, times_.release,
                     ReleaseListener{.released =
                                         [this] {
                                             become(State::offered);
                                             tell(What::released);
                                         },
                                     .still_in_use =
                                         [this](const Error& error) {
                                             log::warning("a drive is still in use: " + describe(error));
                                             tell(What::still_in_use, error.os_error);
                                         }});
    become(State::releasing);
}

void Drive::give_back() {
    if (state_ == State::mounting) {
        ++turn_;
        become(State::offered);
        return tell(What::not_mounted);
    }
    if (state_ != State::mounted) return;
    tell(What::give_back);
    patience_.expires_after(times_.give_back);
    patience_.async_wait([weak = weak_from_this()](const boost::system::error_code& failed) {
        const auto self = weak.lock();
        if (!self || failed || !self->held()) return;
        self->overdue_ = true;
        log::warning("a drive was asked for, and has not been given back; it is waited for");
        self->listener_.changed();
    });
}

void Drive::forsake() {
    if (!held()) return;
    ++turn_;
    release_.reset();
    become(State::offered);
}

}  // namespace wcmp::mountd
