#include "io/posix_open.h"

#include "io/name.h"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

constexpr int flags_always = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

int openat2(int directory, const char* name, int flags, unsigned mode) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, directory, name, &how, sizeof how));
}

// What RESOLVE_NO_XDEV would have refused.
Result<void> check_same_device(int directory, int fd) {
    struct stat above{};
    struct stat here{};
    if (::fstat(directory, &above) != 0 || ::fstat(fd, &here) != 0)
        return std::unexpected(error_from_errno("cannot examine what was opened", errno));
    if (above.st_dev != here.st_dev) return fail(Errc::not_regular, "a name leads to another file system");
    return {};
}

}  // namespace

Result<UniqueFd> open_below_without_openat2(int directory, std::string_view name, int flags, unsigned mode) {
    WCMP_TRY(check_name(name));
    const std::string path(name);
    UniqueFd fd(uninterrupted([&] { return ::openat(directory, path.c_str(), flags | flags_always, mode); }));
    if (!fd) return std::unexpected(error_from_errno("cannot open", errno));
    WCMP_TRY(check_same_device(directory, fd.get()));
    return fd;
}

Result<UniqueFd> open_below(int directory, std::string_view name, int flags, unsigned mode) {
    WCMP_TRY(check_name(name));
    const std::string path(name);
    UniqueFd fd(uninterrupted([&] { return openat2(directory, path.c_str(), flags | flags_always, mode); }));
    if (fd) return fd;
    if (errno == ENOSYS || errno == EPERM) return open_below_without_openat2(directory, name, flags, mode);
    return std::unexpected(error_from_errno("cannot open", errno));
}

Result<UniqueFd> reopen_directory(int directory) {
    UniqueFd fd(uninterrupted([&] { return ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd) return std::unexpected(error_from_errno("cannot open the directory", errno));
    return fd;
}

Result<void> lock_for_writing(int fd) {
    if (uninterrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) return {};
    if (errno == ENOLCK || errno == EOPNOTSUPP) return {};
    return std::unexpected(error_from_errno("cannot lock the file", errno));
}

}  // namespace wcmp::io
