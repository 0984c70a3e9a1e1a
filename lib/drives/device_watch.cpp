#include "drives/device_watch.h"

#include "core/limits.h"
#include "drives/device_table.h"
#include "drives/sysfs.h"
#include "drives/udev_monitor.h"
#include "io/unique_fd.h"

#include <cerrno>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>

namespace wcmp::drives {

namespace asio = boost::asio;
using boost::system::error_code;

class DeviceWatch::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, DeviceWatchOptions options)
        : io_(io),
          options_(std::move(options)),
          table_(options_.rules),
          events_(io),
          mounts_(io),
          again_(io) {}

    Result<void> start(DeviceListener listener);
    void stop();

private:
    Result<void> listen();
    Result<void> enumerate();
    void look_at_system();
    void await_events();
    void await_mounts();
    void take_events();
    void take(UdevEvent event);
    void look();
    void look_again_later();
    void tell_unknown_system();
    void tell(const DeviceReport& report) const;

    asio::io_context& io_;
    const DeviceWatchOptions options_;
    std::string store_;
    DeviceListener listener_;
    std::optional<UdevMonitor> monitor_;
    DeviceTable table_;
    SystemFacts facts_;
    asio::posix::stream_descriptor events_;
    asio::posix::stream_descriptor mounts_;
    asio::steady_timer again_;
    std::string_view told_unknown_;
    bool running_ = false;
    bool lost_events_ = false;
};

Result<void> DeviceWatch::Implementation::start(DeviceListener listener) {
    store_ = resolve_store(options_.store);
    WCMP_TRY(listen());
    // In this order: what happens between the two is seen twice, and not missed.
    WCMP_TRY(enumerate());
    told_unknown_ = {};
    listener_ = std::move(listener);
    running_ = true;
    await_events();
    await_mounts();
    asio::post(io_, [self = shared_from_this()] {
        if (!self->running_) return;
        self->look();
        if (const auto settled = self->listener_.settled) settled();
    });
    return {};
}

void DeviceWatch::Implementation::stop() {
    running_ = false;
    listener_ = {};
    again_.cancel();
    error_code ignored;
    events_.close(ignored);
    mounts_.close(ignored);
    monitor_.reset();
}

Result<void> DeviceWatch::Implementation::listen() {
    WCMP_ASSIGN(monitor_, UdevMonitor::open());
    // The descriptors that Asio closes are its own.
    io::UniqueFd events(::fcntl(monitor_->descriptor(), F_DUPFD_CLOEXEC, 0));
    io::UniqueFd mounts(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    if (!events || !mounts)
        return std::unexpected(error_from_errno("cannot watch devices and mounts", errno));
    error_code failed;
    events_.assign(events.get(), failed);
    if (failed) return fail(Errc::io, "cannot wait for udev", failed.value());
    events.release();
    mounts_.assign(mounts.get(), failed);
    if (failed) return fail(Errc::io, "cannot wait for mounts", failed.value());
    mounts.release();
    return {};
}

Result<void> DeviceWatch::Implementation::enumerate() {
    lost_events_ = true;  // until it has succeeded
    WCMP_ASSIGN(auto devices, monitor_->enumerate());
    table_.replace(std::move(devices));
    lost_events_ = false;
    return {};
}

void DeviceWatch::Implementation::look_at_system() {
    const auto texts = read_system_texts(options_.system);
    const MountTable mounts(texts.mountinfo);
    facts_.system = find_system_disks(mounts, texts, store_, options_.system.sys, table_.devices());
    facts_.mounted = mounts.devices();
    facts_.fstab = parse_fstab(texts.fstab);
}

void DeviceWatch::Implementation::await_events() {
    events_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const error_code& failed) {
                           if (failed || !self->running_) return;
                           self->take_events();
                           if (self->running_) self->await_events();
                       });
}

void DeviceWatch::Implementation::await_mounts() {
    // The table of mounts is always readable; that it changed is told as an error condition (proc(5)).
    mounts_.async_wait(asio::posix::descriptor_base::wait_error,
                       [self = shared_from_this()](const error_code& failed) {
                           if (failed || !self->running_) return;
                           self->look();
                           if (self->running_) self->await_mounts();
                       });
}

// As many as wait, up to a bound: others want the thread as well. A storm about one device is one look.
void DeviceWatch::Implementation::take_events() {
    for (unsigned taken = 0; taken < limits::udev_events_per_turn_max; ++taken) {
        auto event = monitor_->receive();
        if (!event) lost_events_ = true;
        if (event && !*event) break;
        if (event) take(std::move(**event));
    }
    if (lost_events_) lost_events_ = !enumerate();
    look();
}

void DeviceWatch::Implementation::take(UdevEvent event) {
    if (event.removed) return table_.remove(event.device);
    if (event.eject_requested) table_.want(event.device.number);
    table_.update(std::move(event.device));
}

void DeviceWatch::Implementation::look() {
    table_.refresh(read_block_state);
    look_at_system();
    tell_unknown_system();
    for (const auto& report : table_.judge(facts_)) tell(report);
    if (running_ && (lost_events_ || !facts_.system.unknown.empty())) look_again_later();
}

void DeviceWatch::Implementation::look_again_later() {
    again_.expires_after(options_.look_again_after);
    again_.async_wait([self = shared_from_this()](const error_code& failed) {
        if (failed || !self->running_) return;
        if (self->lost_events_) self->lost_events_ = !self->enumerate();
        self->look();
    });
}

void DeviceWatch::Implementation::tell_unknown_system() {
    if (std::exchange(told_unknown_, facts_.system.unknown) == facts_.system.unknown) return;
    const auto listener = listener_;
    if (listener.unknown_system) listener.unknown_system(told_unknown_);
}

void DeviceWatch::Implementation::tell(const DeviceReport& report) const {
    const auto listener = listener_;  // a report may lead to stop()
    switch (report.what) {
    case DeviceReport::What::found:
        if (listener.found) listener.found(report.device);
        break;
    case DeviceReport::What::changed:
        if (listener.changed) listener.changed(report.device);
        break;
    case DeviceReport::What::gone:
        if (listener.gone) listener.gone(report.device.key);
        break;
    case DeviceReport::What::disqualified:
        if (listener.disqualified) listener.disqualified(report.device.key);
        break;
    case DeviceReport::What::wanted:
        if (listener.wanted) listener.wanted(report.device.key);
        break;
    }
}

DeviceWatch::DeviceWatch(asio::io_context& io, DeviceWatchOptions options)
    : implementation_(std::make_shared<Implementation>(io, std::move(options))) {}

DeviceWatch::~DeviceWatch() {
    stop();
}

Result<void> DeviceWatch::start(DeviceListener listener) {
    auto started = implementation_->start(std::move(listener));
    if (!started) stop();
    return started;
}

void DeviceWatch::stop() {
    implementation_->stop();
}

}  // namespace wcmp::drives
