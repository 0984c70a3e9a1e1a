#include "detached_mount.h"

#include "block_node.h"
#include "io/system_error.h"

#include <array>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace wcmp::mountd {

namespace {

using drives::FileSystemKind;

constexpr unsigned create_exclusive = 8;      // FSCONFIG_CMD_CREATE_EXCL, Linux 6.6
constexpr unsigned no_symlinks = 0x00200000;  // MOUNT_ATTR_NOSYMFOLLOW, Linux 5.14
constexpr unsigned mount_attributes =
    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME | no_symlinks;

// A context of fsopen(2), and what the kernel said about it.
class Context {
public:
    Context(io::UniqueFd fd, std::string& words) : fd_(std::move(fd)), words_(words) {}

    Result<void> set(const std::string& name, const std::string& value) {
        const auto done = value.empty()
                              ? ::fsconfig(fd_.get(), FSCONFIG_SET_FLAG, name.c_str(), nullptr, 0)
                              : ::fsconfig(fd_.get(), FSCONFIG_SET_STRING, name.c_str(), value.c_str(), 0);
        return checked(done, "the kernel refuses a mount option");
    }

    Result<void> create() {
        auto done = ::fsconfig(fd_.get(), create_exclusive, nullptr, nullptr, 0);
        // Kernels before 6.6, and file systems that still use the old way of mounting, know no exclusive
        // creation, and say so before they begin. Other errors are the drive's: the context is spent then.
        if (done != 0 && errno == EOPNOTSUPP)
            done = ::fsconfig(fd_.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
        return checked(done, "cannot mount the drive");
    }

    Result<io::UniqueFd> mount(unsigned with) {
        io::UniqueFd root(::fsmount(fd_.get(), FSMOUNT_CLOEXEC, with));
        WCMP_TRY(checked(root ? 0 : -1, "cannot make the mount"));
        return root;
    }

private:
    Result<void> checked(int done, std::string_view what) {
        const auto error = error_from_errno(what, errno);
        listen();
        if (done == 0) return {};
        return std::unexpected(error);
    }

    // One message a read, ENODATA when there is none.
    void listen() {
        constexpr std::size_t words_max = 4096;
        std::array<char, 512> text{};
        for (ssize_t got = 0;
             words_.size() < words_max && (got = ::read(fd_.get(), text.data(), text.size())) > 0;)
            words_.append(text.data(), static_cast<std::size_t>(got)).append("; ");
    }

    io::UniqueFd fd_;
    std::string& words_;
};

Result<Context> open_context(FileSystemKind file_system, std::string& words) {
    if (file_system == FileSystemKind::other) return fail(Errc::unsupported, "not a file system for drives");
    io::UniqueFd fd(::fsopen(std::string(to_string(file_system)).c_str(), FSOPEN_CLOEXEC));
    if (!fd && errno == ENODEV) return fail(Errc::unsupported, "the kernel lacks the file system", ENODEV);
    if (!fd) return io::system_error("cannot begin to mount");
    return Context(std::move(fd), words);
}

Result<io::UniqueFd> mount_with(const drives::Device& device, const Owner& owner, const std::string& source,
                                bool read_only, std::string& words) {
    WCMP_ASSIGN(auto context, open_context(device.file_system, words));
    WCMP_TRY(context.set("source", source));
    for (const auto& [name, value] : mount_options(device.file_system, owner))
        WCMP_TRY(context.set(name, value));
    // On both layers: the mount alone would leave the file system free to write (a journal, a dirty bit).
    if (read_only) WCMP_TRY(context.set("ro", ""));
    WCMP_TRY(context.create());
    return context.mount(mount_attributes | (read_only ? MOUNT_ATTR_RDONLY : 0u));
}

bool is_write_protected(const Error& error) {
    return error.os_error == EROFS || error.os_error == EACCES;
}

// Where creation was not exclusive, a file system that somebody mounted meanwhile would be shared, with that
// one's options.
Result<void> check_owner(const io::UniqueFd& root, FileSystemKind file_system, const Owner& owner) {
    if (file_system == FileSystemKind::ext4) return {};
    struct stat status{};
    if (::fstat(root.get(), &status) != 0) return io::system_error("cannot examine the mount");
    constexpr mode_t private_directory = 0700;
    if (status.st_uid == owner.uid && status.st_gid == owner.gid &&
        (status.st_mode & 07777) == private_directory)
        return {};
    return fail(Errc::busy, "somebody else has mounted the drive", EBUSY);
}

Result<DetachedMount> mount_node(const drives::Device& device, const Owner& owner, std::string& words) {
    WCMP_ASSIGN(const auto node, open_node(device));
    WCMP_ASSIGN(const auto lock, lock_disk(node, device.key));
    WCMP_TRY(check_free(device));
    // By descriptor, so that it is this very node that is mounted.
    const auto source = "/proc/self/fd/" + std::to_string(node.get());
    auto root = mount_with(device, owner, source, false, words);
    if (!root && is_write_protected(root.error())) root = mount_with(device, owner, source, true, words);
    if (!root) return std::unexpected(root.error());
    WCMP_TRY(check_owner(*root, device.file_system, owner));
    struct statvfs status{};
    if (::fstatvfs(root->get(), &status) != 0) return io::system_error("cannot examine the mount");
    return DetachedMount{std::move(*root), (status.f_flag & ST_RDONLY) != 0};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> mount_options(FileSystemKind file_system,
                                                               const Owner& owner) {
    if (file_system == FileSystemKind::ext4) return {{"errors", "remount-ro"}};
    std::vector<std::pair<std::string, std::string>> options{{"uid", std::to_string(owner.uid)},
                                                             {"gid", std::to_string(owner.gid)},
                                                             {"fmask", "0177"},
                                                             {"dmask", "0077"},
                                                             {"errors", "remount-ro"}};
    // Times on a drive mean the same wherever it is read, and say nothing about this machine's zone.
    if (file_system == FileSystemKind::exfat) options.insert(options.end(), {{"time_offset", "0"}});
    if (file_system == FileSystemKind::vfat)
        options.insert(options.end(), {{"tz", "UTC"}, {"flush", ""}, {"utf8", "1"}, {"shortname", "mixed"}});
    return options;
}

MountAttempt mount_detached(const drives::Device& device, const Owner& owner) {
    std::string words;
    auto mount = mount_node(device, owner, words);
    return {std::move(mount), std::move(words)};
}

Result<void> may_mount() {
    const io::UniqueFd context(::fsopen("tmpfs", FSOPEN_CLOEXEC));
    if (context) return {};
    if (errno == ENOSYS)
        return fail(Errc::unsupported,
                    "the system has no fsopen(2), or a filter hides it: Linux 5.14 is needed", ENOSYS);
    if (errno == EPERM)
        return fail(
            Errc::denied,
            "mounting is not allowed: it takes root with CAP_SYS_ADMIN, and a filter of system calls that "
            "lets fsopen, fsconfig and fsmount pass",
            EPERM);
    return io::system_error("cannot begin to mount");
}

}  // namespace wcmp::mountd
