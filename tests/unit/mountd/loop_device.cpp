#include "loop_device.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace wcmp::mountd {

namespace {

constexpr unsigned long get_disk_sequence = _IOR(0x12, 128, std::uint64_t);

io::UniqueFd open_control() {
    return io::UniqueFd(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
}

// Between asking for a free one and taking it another process may be quicker.
std::string attach(int image, LoopDevice::Access access, io::UniqueFd& device) {
    constexpr int attempts = 64;
    for (int i = 0; i < attempts; ++i) {
        const auto number = ::ioctl(open_control().get(), LOOP_CTL_GET_FREE);
        auto node = "/dev/loop" + std::to_string(number);
        device.reset(::open(node.c_str(), O_RDWR | O_CLOEXEC));
        loop_config config{};
        config.fd = static_cast<std::uint32_t>(image);
        if (access == LoopDevice::Access::read_only) config.info.lo_flags = LO_FLAGS_READ_ONLY;
        if (device && ::ioctl(device.get(), LOOP_CONFIGURE, &config) == 0) return node;
    }
    throw std::runtime_error("no loop device");
}

}  // namespace

std::string why_no_loop_device() {
    if (::geteuid() != 0) return "not root";
    if (!open_control()) return "no /dev/loop-control";
    if (::ioctl(open_control().get(), LOOP_CTL_GET_FREE) < 0) return "no loop device is to be had";
    const io::UniqueFd context(::fsopen("ext4", FSOPEN_CLOEXEC));
    if (!context) return "the kernel does not mount ext4 with fsopen(2), or not here";
    if (std::system("command -v mkfs.ext4 >/dev/null") != 0) return "mkfs.ext4 is not installed";
    return "";
}

LoopDevice::LoopDevice(const std::filesystem::path& image, Access access) {
    const io::UniqueFd file(
        ::open(image.c_str(), O_CLOEXEC | (access == Access::read_only ? O_RDONLY : O_RDWR)));
    node_ = attach(file.get(), access, fd_);
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) throw std::runtime_error("no loop device");
    key_ = {.major = ::major(status.st_rdev), .minor = ::minor(status.st_rdev), .generation = 1};
    (void)::ioctl(fd_.get(), get_disk_sequence, &key_.generation);
}

LoopDevice::~LoopDevice() {
    (void)::ioctl(fd_.get(), LOOP_CLR_FD);
}

drives::Device LoopDevice::device() const {
    return {.key = key_,
            .node = node_,
            .file_system = drives::FileSystemKind::ext4,
            .readiness = drives::Readiness::ready};
}

std::filesystem::path make_image(const std::filesystem::path& folder, std::uint64_t bytes) {
    auto image = folder / "image";
    std::ofstream(image).close();
    std::filesystem::resize_file(image, bytes);
    const auto command = "mkfs.ext4 -q -F -E root_owner=" + std::to_string(nobody) + ":" +
                         std::to_string(nobody) + " '" + image.string() + "'";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("mkfs.ext4 failed");
    return image;
}

}  // namespace wcmp::mountd
