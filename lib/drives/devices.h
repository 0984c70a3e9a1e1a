// Block devices that may be drives, as whoever mounts them or waits for their mount needs to know them.
#pragma once

#include "drives/source.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace wcmp::drives {

// One device from plugging in to pulling out. The number is given again to the next one; the generation is
// not: it is the disk's sequence number (diskseq), or, where the kernel has none, the time at which udev
// first saw it.
struct DeviceKey {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint64_t generation = 0;

    auto operator<=>(const DeviceKey&) const = default;
};

// A device that concerns people: a drive, or something of which they want to know why it is none.
struct Device {
    DeviceKey key;
    std::string node;  // "/dev/sda1": for system calls only, never shown
    FileSystemKind file_system = FileSystemKind::other;
    Readiness readiness = Readiness::ready;
    // What it was plugged in with: a stick with all its partitions, a reader with all its slots. Counted up;
    // 0: not known.
    std::uint32_t carrier = 0;

    bool operator==(const Device&) const = default;
};

// What is told about devices, on the thread that runs the io_context, never from inside start().
struct DeviceListener {
    std::function<void(const Device&)> found;
    std::function<void(const Device&)> changed;  // another readiness or file system
    std::function<void(const DeviceKey&)> gone;
    // It is there still, but is none of ours any more: its disk is the system's now, or may be. It can be
    // found again, or be gone after that.
    std::function<void(const DeviceKey&)> disqualified;
    std::function<void(const DeviceKey&)> wanted;  // somebody asked for it to be ejected
    std::function<void()> settled;                 // once: all that were there at the start have been told
    // Why no device qualifies at this moment, as a sentence for people; empty: it is over.
    std::function<void(std::string_view)> unknown_system{};
};

// The real ones are in device_watch.h; tests bring their own.
class Devices {
public:
    virtual ~Devices() = default;
    virtual Result<void> start(DeviceListener listener) = 0;
    virtual void stop() = 0;
};

}  // namespace wcmp::drives
