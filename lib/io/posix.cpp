#include "io/posix.h"

#include "io/name.h"
#include "io/posix_file.h"
#include "io/posix_open.h"
#include "io/system_error.h"
#include "io/write_order.h"

#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

constexpr unsigned file_mode = 0600;
constexpr unsigned directory_mode = 0700;

class PosixLock final : public Lock {
public:
    explicit PosixLock(UniqueFd fd) : fd_(std::move(fd)) {}

private:
    UniqueFd fd_;  // the lock goes with it
};

class PosixDirectory final : public Directory {
public:
    explicit PosixDirectory(UniqueFd fd) : fd_(std::move(fd)), in_order_(needs_order(fd_.get())) {}

    Result<void> list(const std::function<void(std::string_view name)>& visit) const override;
    Result<std::unique_ptr<ReadableFile>> open(std::string_view name) const override;
    Result<std::unique_ptr<WritableFile>> open_for_writing(std::string_view name) override;
    Result<std::unique_ptr<WritableFile>> create(std::string_view name) override;
    Result<std::unique_ptr<WritableFile>> create_unnamed() override;
    Result<void> unlink(std::string_view name) override;
    Result<void> rename(std::string_view from, std::string_view to) override;
    Result<void> sync() override;
    Result<void> sync_file_system() override;
    Result<void> set_constant_times() override { return io::set_constant_times(fd_.get()); }
    Result<Space> space() const override;
    Result<std::unique_ptr<Lock>> lock() override;
    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override;
    Result<void> make_directory(std::string_view name) override;

private:
    Result<std::unique_ptr<WritableFile>> create_and_unlink();
    Result<void> unlink_now(std::string_view name);

    UniqueFd fd_;
    bool in_order_;  // see write_order.h
    RemovedFiles removed_;
};

struct CloseStream {
    void operator()(DIR* stream) const { ::closedir(stream); }
};

Result<void> PosixDirectory::list(const std::function<void(std::string_view name)>& visit) const {
    WCMP_ASSIGN(auto fd, reopen_directory(fd_.get()));  // a stream of its own, from the first entry on
    const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(fd.get()));
    if (!stream) return system_error("cannot list the directory");
    fd.release();
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr) break;
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..") visit(name);
    }
    if (errno != 0) return system_error("cannot list the directory");
    return {};
}

Result<std::unique_ptr<ReadableFile>> PosixDirectory::open(std::string_view name) const {
    WCMP_ASSIGN(auto fd, open_below(fd_.get(), name, O_RDONLY));
    return adopt_file(std::move(fd));
}

Result<std::unique_ptr<WritableFile>> PosixDirectory::open_for_writing(std::string_view name) {
    WCMP_ASSIGN(auto fd, open_below(fd_.get(), name, O_RDWR));
    const int number = fd.get();
    WCMP_ASSIGN(auto file, adopt_file(std::move(fd)));
    WCMP_TRY(lock_for_writing(number));
    return file;
}

Result<std::unique_ptr<WritableFile>> PosixDirectory::create(std::string_view name) {
    WCMP_ASSIGN(auto fd, open_below(fd_.get(), name, O_RDWR | O_CREAT | O_EXCL, file_mode));
    if (auto locked = lock_for_writing(fd.get()); !locked) {
        // Another process looked at the new file in this very moment. It is empty: take it back.
        WCMP_TRY(unlink_now(name));
        return std::unexpected(locked.error());
    }
    if (!in_order_) return adopt_file(std::move(fd));
    UniqueFd names(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (!names) return system_error("cannot create a file");
    return adopt_new_file(std::move(fd), std::move(names));
}

Result<std::unique_ptr<WritableFile>> PosixDirectory::create_unnamed() {
    UniqueFd fd(
        uninterrupted([&] { return ::openat(fd_.get(), ".", O_RDWR | O_TMPFILE | O_CLOEXEC, file_mode); }));
    if (fd) return adopt_file(std::move(fd));
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return system_error("cannot create a file without a name");
    return create_and_unlink();  // FAT, some network file systems
}

Result<std::unique_ptr<WritableFile>> PosixDirectory::create_and_unlink() {
    constexpr int attempts = 64;
    for (int i = 0; i < attempts; ++i) {
        const auto name = ".unnamed-" + std::to_string(i);
        auto file = create(name);
        if (!file && file.error().code == Errc::exists) continue;  // another's, or left by a crash
        if (file) WCMP_TRY(unlink_now(name));
        return file;
    }
    return fail(Errc::exists, "too many files that should have no name");
}

Result<void> PosixDirectory::unlink(std::string_view name) {
    if (!in_order_) return unlink_now(name);
    WCMP_TRY(check_name(name));
    if (removed_.full()) WCMP_TRY(sync());
    // Whatever is open keeps its places. What cannot be opened is removed as it is.
    constexpr int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd file(uninterrupted([&] { return ::openat(fd_.get(), std::string(name).c_str(), flags); }));
    WCMP_TRY(unlink_now(name));
    if (file) removed_.hold(std::move(file));
    return {};
}

Result<void> PosixDirectory::unlink_now(std::string_view name) {
    WCMP_TRY(check_name(name));
    if (::unlinkat(fd_.get(), std::string(name).c_str(), 0) != 0) return system_error("cannot unlink");
    return {};
}

Result<void> PosixDirectory::rename(std::string_view from, std::string_view to) {
    WCMP_TRY(check_name(from));
    WCMP_TRY(check_name(to));
    if (::renameat(fd_.get(), std::string(from).c_str(), fd_.get(), std::string(to).c_str()) != 0)
        return system_error("cannot rename");
    return {};
}

Result<void> PosixDirectory::sync() {
    const auto removed = removed_.take();  // they go after that
    if (uninterrupted([&] { return ::fsync(fd_.get()); }) == 0) return {};
    if (errno == EINVAL) return sync_file_system();  // some file systems sync no directories
    return system_error("cannot sync the directory");
}

Result<void> PosixDirectory::sync_file_system() {
    if (uninterrupted([&] { return ::syncfs(fd_.get()); }) != 0)
        return system_error("cannot sync the file system");
    return {};
}

Result<Space> PosixDirectory::space() const {
    struct statvfs found{};
    if (uninterrupted([&] { return ::fstatvfs(fd_.get(), &found); }) != 0)
        return system_error("cannot ask for the free space");
    return Space{.free_bytes = std::uint64_t{found.f_bavail} * found.f_frsize,
                 .total_bytes = std::uint64_t{found.f_blocks} * found.f_frsize,
                 .read_only = (found.f_flag & ST_RDONLY) != 0};
}

Result<std::unique_ptr<Lock>> PosixDirectory::lock() {
    // A lock belongs to an open file description: one of its own, so that two locks here exclude each other.
    WCMP_ASSIGN(auto fd, reopen_directory(fd_.get()));
    if (uninterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0)
        return system_error("cannot lock the directory");
    return std::make_unique<PosixLock>(std::move(fd));
}

Result<std::unique_ptr<Directory>> PosixDirectory::open_directory(std::string_view name) const {
    WCMP_ASSIGN(auto fd, open_below(fd_.get(), name, O_RDONLY | O_DIRECTORY));
    return std::make_unique<PosixDirectory>(std::move(fd));
}

Result<void> PosixDirectory::make_directory(std::string_view name) {
    WCMP_TRY(check_name(name));
    if (::mkdirat(fd_.get(), std::string(name).c_str(), directory_mode) != 0)
        return system_error("cannot make the directory");
    // Its entry has a place from the beginning. A whole file system is written from its first byte on, where
    // the table is.
    return in_order_ ? sync_file_system() : Result<void>{};
}

}  // namespace

Result<std::unique_ptr<Directory>> open_directory(const std::filesystem::path& path) {
    UniqueFd fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd) return system_error("cannot open the directory");
    return std::make_unique<PosixDirectory>(std::move(fd));
}

Result<std::unique_ptr<Directory>> open_or_make_directory(const std::filesystem::path& path) {
    auto directory = open_directory(path);
    if (directory || directory.error().code != Errc::not_found) return directory;
    if (!path.has_filename()) {  // "a/b/", or nothing at all
        if (path.has_parent_path()) return open_or_make_directory(path.parent_path());
        return directory;
    }
    const auto above = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    WCMP_ASSIGN(auto parent, open_or_make_directory(above));
    if (auto made = parent->make_directory(path.filename().native()); !made) {
        if (made.error().code != Errc::exists) return std::unexpected(made.error());
    } else {
        WCMP_TRY(parent->sync());
    }
    return open_directory(path);
}

Result<std::unique_ptr<Directory>> adopt_directory(UniqueFd descriptor) {
    // Works for O_PATH descriptors and for plain ones, and refuses what is no directory.
    WCMP_ASSIGN(auto fd, reopen_directory(descriptor.get()));
    return std::make_unique<PosixDirectory>(std::move(fd));
}

}  // namespace wcmp::io
