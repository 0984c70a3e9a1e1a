#include "drives/udev_monitor.h"

#include "core/limits.h"
#include "drives/sysfs.h"

#include <cerrno>
#include <charconv>

#include <libudev.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

namespace wcmp::drives {
namespace {

struct Unref {
    void operator()(udev_device* device) const { udev_device_unref(device); }
    void operator()(udev_enumerate* list) const { udev_enumerate_unref(list); }
};
using DevicePointer = std::unique_ptr<udev_device, Unref>;

std::string text(const char* value) {
    return value == nullptr ? std::string() : std::string(value);
}

std::uint64_t number(std::string_view digits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

DeviceNumber number_of(udev_device* device) {
    const auto devnum = udev_device_get_devnum(device);
    return {static_cast<std::uint32_t>(major(devnum)), static_cast<std::uint32_t>(minor(devnum))};
}

Properties properties_of(udev_device* device) {
    Properties properties;
    for (auto* entry = udev_device_get_properties_list_entry(device); entry != nullptr;
         entry = udev_list_entry_get_next(entry))
        properties.emplace(text(udev_list_entry_get_name(entry)), text(udev_list_entry_get_value(entry)));
    return properties;
}

// A parent belongs to its child, so nothing is released here.
std::vector<Ancestor> ancestors_of(udev_device* device) {
    std::vector<Ancestor> ancestors;
    for (auto* parent = udev_device_get_parent(device); parent != nullptr;
         parent = udev_device_get_parent(parent)) {
        Ancestor ancestor{.subsystem = text(udev_device_get_subsystem(parent))};
        if (ancestor.subsystem == "mmc") ancestor.type = text(udev_device_get_sysattr_value(parent, "type"));
        if (!ancestor.subsystem.empty()) ancestors.push_back(std::move(ancestor));
    }
    return ancestors;
}

// Of one that was removed: in sysfs there is nothing left of it, or already another one.
BlockDevice describe_event(udev_device* device) {
    BlockDevice block;
    block.number = block.disk = number_of(device);
    block.node = text(udev_device_get_devnode(device));
    block.syspath = text(udev_device_get_syspath(device));
    block.properties = properties_of(device);
    block.disk_sequence = number(block.property("DISKSEQ"));
    block.initialized_us = number(block.property("USEC_INITIALIZED"));
    return block;
}

// Nothing when it has gone meanwhile.
std::optional<BlockDevice> describe_present(udev_device* device) {
    auto block = describe_event(device);
    const auto state = read_block_state(block.syspath, block.number);
    if (!state) return {};
    block.state = *state;
    auto* disk = device;
    if (block.property("DEVTYPE") == "partition")
        disk = udev_device_get_parent_with_subsystem_devtype(device, "block", "disk");
    block.disk = disk == nullptr ? DeviceNumber{} : number_of(disk);
    // The kernel tells it in its events, but sysfs has it for those that were there before.
    if (disk != nullptr && block.disk_sequence == 0)
        block.disk_sequence = number(text(udev_device_get_sysattr_value(disk, "diskseq")));
    block.ancestors = ancestors_of(device);
    return block;
}

void enlarge_receive_buffer(udev_monitor* monitor) {
    // Beyond net.core.rmem_max for those who may; the others get what the system gives.
    if (udev_monitor_set_receive_buffer_size(monitor, limits::udev_receive_bytes) >= 0) return;
    const int bytes = limits::udev_receive_bytes;
    ::setsockopt(udev_monitor_get_fd(monitor), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

std::unexpected<Error> refused(std::string_view what, int result) {
    return std::unexpected(error_from_errno(what, -result));
}

}  // namespace

void UdevMonitor::Closer::operator()(udev* context) const {
    udev_unref(context);
}

void UdevMonitor::Closer::operator()(udev_monitor* monitor) const {
    udev_monitor_unref(monitor);
}

Result<UdevMonitor> UdevMonitor::open() {
    std::unique_ptr<udev, Closer> context(udev_new());
    if (!context) return fail(Errc::io, "cannot use udev", errno);
    // Of the kernel's own events nothing may be used: they come before udev has looked at the device.
    std::unique_ptr<udev_monitor, Closer> monitor(udev_monitor_new_from_netlink(context.get(), "udev"));
    if (!monitor) return fail(Errc::io, "cannot listen to udev: does the service allow netlink?", errno);
    if (const int result = udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), "block", nullptr);
        result < 0)
        return refused("cannot ask udev for block devices", result);
    enlarge_receive_buffer(monitor.get());
    if (const int result = udev_monitor_enable_receiving(monitor.get()); result < 0)
        return refused("cannot listen to udev: does the service allow netlink?", result);
    return UdevMonitor(std::move(context), std::move(monitor));
}

int UdevMonitor::descriptor() const {
    return udev_monitor_get_fd(monitor_.get());
}

Result<std::optional<UdevEvent>> UdevMonitor::receive() {
    errno = 0;
    const DevicePointer device(udev_monitor_receive_device(monitor_.get()));
    if (!device && errno == ENOBUFS) return fail(Errc::no_space, "events of udev were lost", ENOBUFS);
    if (!device) return std::optional<UdevEvent>();
    auto present = text(udev_device_get_action(device.get())) == "remove" ? std::nullopt
                                                                          : describe_present(device.get());
    UdevEvent event{.removed = !present,
                    .device = present ? std::move(*present) : describe_event(device.get())};
    event.eject_requested = event.device.property("DISK_EJECT_REQUEST") == "1";
    return std::optional(std::move(event));
}

Result<std::vector<BlockDevice>> UdevMonitor::enumerate() const {
    const std::unique_ptr<udev_enumerate, Unref> list(udev_enumerate_new(context_.get()));
    if (!list) return fail(Errc::io, "cannot list block devices", errno);
    udev_enumerate_add_match_subsystem(list.get(), "block");
    if (const int result = udev_enumerate_scan_devices(list.get()); result < 0)
        return refused("cannot list block devices", result);
    std::vector<BlockDevice> devices;
    for (auto* entry = udev_enumerate_get_list_entry(list.get()); entry != nullptr;
         entry = udev_list_entry_get_next(entry)) {
        const DevicePointer device(
            udev_device_new_from_syspath(context_.get(), udev_list_entry_get_name(entry)));
        if (!device) continue;  // gone meanwhile
        auto described = describe_present(device.get());
        if (described && described->initialized_us != 0) devices.push_back(std::move(*described));
    }
    return devices;
}

}  // namespace wcmp::drives
