// A file as a block device, where the machine allows it: root, loop devices and ext4 are needed.
#pragma once

#include "drives/devices.h"
#include "io/unique_fd.h"

#include <filesystem>
#include <optional>
#include <string>

namespace wcmp::mountd {

// Why there can be none here; empty when there can.
std::string why_no_loop_device();

class LoopDevice {
public:
    enum class Access : std::uint8_t { read_write, read_only };

    explicit LoopDevice(const std::filesystem::path& image, Access access = Access::read_write);
    LoopDevice(const LoopDevice&) = delete;
    LoopDevice& operator=(const LoopDevice&) = delete;
    ~LoopDevice();  // detaches it, at the latest when its last user closes it

    drives::Device device() const;

private:
    io::UniqueFd fd_;
    std::string node_;
    drives::DeviceKey key_;
};

inline constexpr unsigned nobody = 65534;

// An ext4 file system in a file. Its root is nobody's, as a drive's root is the relay's.
std::filesystem::path make_image(const std::filesystem::path& folder, std::uint64_t bytes = 8u << 20);

}  // namespace wcmp::mountd
