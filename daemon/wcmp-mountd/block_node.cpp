#include "block_node.h"

#include "io/system_error.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace wcmp::mountd {

namespace {

// BLKGETDISKSEQ; its header and <sys/mount.h> exclude each other.
constexpr unsigned long get_disk_sequence = _IOR(0x12, 128, std::uint64_t);  // Linux 5.15

std::unexpected<Error> open_error() {
    switch (errno) {
    case ENXIO:
    case ENODEV:
    case ENOMEDIUM: return fail(Errc::not_found, "the device is not there any more", errno);
    default: return io::system_error("cannot open the device");
    }
}

bool is_number(const io::UniqueFd& node, dev_t number) {
    struct stat status{};
    return ::fstat(node.get(), &status) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == number;
}

Result<io::UniqueFd> open_numbered(const std::string& path, dev_t number, int flags) {
    io::UniqueFd node(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | flags));
    if (!node) return open_error();
    if (!is_number(node, number)) return fail(Errc::not_found, "the device's node is another's now");
    return node;
}

Result<io::UniqueFd> open_alone(const drives::Device& device) {
    return open_numbered(device.node, ::makedev(device.key.major, device.key.minor), O_EXCL);
}

// "MAJOR=8"
unsigned number_in(const std::string& line) {
    return static_cast<unsigned>(std::strtoul(line.c_str() + line.find('=') + 1, nullptr, 10));
}

// The disk of a partition by the kernel's own list; an invalid descriptor where the device is a disk itself,
// or the list is not to be had.
io::UniqueFd open_disk(const drives::DeviceKey& key) {
    const auto link = "/sys/dev/block/" + std::to_string(key.major) + ":" + std::to_string(key.minor);
    if (::access((link + "/partition").c_str(), F_OK) != 0) return {};
    std::ifstream list(link + "/../uevent");
    unsigned major = 0;
    unsigned minor = 0;
    std::string name;
    for (std::string line; std::getline(list, line);) {
        if (line.starts_with("MAJOR=")) major = number_in(line);
        if (line.starts_with("MINOR=")) minor = number_in(line);
        if (line.starts_with("DEVNAME=")) name = line.substr(8);
    }
    auto disk = open_numbered("/dev/" + name, ::makedev(major, minor), 0);
    return disk ? std::move(*disk) : io::UniqueFd();
}

}  // namespace

Result<io::UniqueFd> open_node(const drives::Device& device) {
    WCMP_ASSIGN(auto node, open_numbered(device.node, ::makedev(device.key.major, device.key.minor), 0));
    std::uint64_t sequence = 0;
    const bool known = ::ioctl(node.get(), get_disk_sequence, &sequence) == 0 && sequence != 0;
    if (known && sequence != device.key.generation)
        return fail(Errc::not_found, "another drive has the device's number");
    return node;
}

Result<io::UniqueFd> lock_disk(const io::UniqueFd& node, const drives::DeviceKey& key) {
    auto disk = open_disk(key);
    if (!disk) disk.reset(::fcntl(node.get(), F_DUPFD_CLOEXEC, 0));
    if (::flock(disk.get(), LOCK_SH | LOCK_NB) == 0) return disk;
    if (errno == EWOULDBLOCK) return fail(Errc::busy, "the drive is being formatted", EBUSY);
    return io::system_error("cannot lock the device");
}

Result<void> check_free(const drives::Device& device) {
    WCMP_TRY(open_alone(device));
    return {};
}

Result<void> flush_free(const drives::Device& device) {
    WCMP_ASSIGN(const auto node, open_alone(device));
    if (::fsync(node.get()) != 0) return io::system_error("cannot flush the device");
    return {};
}

}  // namespace wcmp::mountd
