#include "io/posix_file.h"

#include "io/constant_time.h"
#include "io/guarded_range.h"
#include "io/posix_open.h"
#include "io/system_error.h"

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class PosixMapping final : public Mapping {
public:
    PosixMapping(void* start, std::size_t skipped, std::size_t length)
        : start_(start), skipped_(skipped), length_(length) {
        if (start_ != nullptr) guard_.emplace(start_, skipped_ + length_);
    }
    PosixMapping(const PosixMapping&) = delete;
    PosixMapping& operator=(const PosixMapping&) = delete;
    ~PosixMapping() override {
        guard_.reset();
        if (start_ != nullptr) ::munmap(start_, skipped_ + length_);
    }

    ByteView bytes() const override {
        if (start_ == nullptr) return {};
        return {static_cast<const std::uint8_t*>(start_) + skipped_, length_};
    }
    bool is_whole() const override { return !guard_ || guard_->is_whole(); }

private:
    void* start_;
    std::size_t skipped_;  // mappings start at a page
    std::size_t length_;
    std::optional<GuardedRange> guard_;
};

class PosixFile final : public WritableFile {
public:
    explicit PosixFile(UniqueFd fd, UniqueFd directory = {})
        : fd_(std::move(fd)), directory_(std::move(directory)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override;
    void will_read(std::uint64_t offset, std::uint64_t length) const override;
    Result<FileStatus> status() const override;
    Result<std::unique_ptr<Mapping>> map(std::uint64_t offset, std::size_t length) const override;
    Result<bool> no_writer() const override;
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override;
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override;
    Result<void> sync() override;
    Result<void> sync_data() override;
    Result<void> set_constant_times() override;

private:
    Result<void> sync_places();

    UniqueFd fd_;
    UniqueFd directory_;  // to be synced first
};

Result<std::size_t> PosixFile::read_at(std::uint64_t offset, MutableBytes into) const {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto rest = into.subspan(done);
        const auto count = uninterrupted(
            [&] { return ::pread(fd_.get(), rest.data(), rest.size(), static_cast<off_t>(offset + done)); });
        if (count < 0) return system_error("cannot read the file");
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

void PosixFile::will_read(std::uint64_t offset, std::uint64_t length) const {
    ::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length), POSIX_FADV_WILLNEED);
}

Result<FileStatus> PosixFile::status() const {
    struct stat found{};
    if (::fstat(fd_.get(), &found) != 0) return system_error("cannot examine the file");
    return FileStatus{.size = static_cast<std::uint64_t>(found.st_size),
                      .modified_ns = nanoseconds(found.st_mtim),
                      .changed_ns = nanoseconds(found.st_ctim),
                      .inode = found.st_ino,
                      .device = found.st_dev};
}

Result<std::unique_ptr<Mapping>> PosixFile::map(std::uint64_t offset, std::size_t length) const {
    WCMP_ASSIGN(const auto found, status());
    if (offset > found.size || length > found.size - offset)
        return fail(Errc::truncated, "the file ends before the range to map");
    if (length == 0) return std::make_unique<PosixMapping>(nullptr, 0, 0);
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto skipped = static_cast<std::size_t>(offset % page);
    void* start = ::mmap(nullptr, skipped + length, PROT_READ, MAP_SHARED, fd_.get(),
                         static_cast<off_t>(offset - skipped));
    if (start == MAP_FAILED) {
        if (errno == ENODEV) return fail(Errc::unsupported, "files here cannot be mapped", errno);
        return system_error("cannot map the file");
    }
    return std::make_unique<PosixMapping>(start, skipped, length);
}

Result<bool> PosixFile::no_writer() const {
    // For a file that this object holds locked itself the question makes no sense, and asking would weaken
    // the lock; files open for writing are only ever our own.
    if ((::fcntl(fd_.get(), F_GETFL) & O_ACCMODE) != O_RDONLY) return true;
    if (uninterrupted([&] { return ::flock(fd_.get(), LOCK_SH | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno == ENOLCK || errno == EOPNOTSUPP) return true;
        return system_error("cannot ask for the lock");
    }
    ::flock(fd_.get(), LOCK_UN);
    return true;
}

Result<void> PosixFile::write_at(std::uint64_t offset, ByteView bytes) {
    while (!bytes.empty()) {
        const auto count = uninterrupted(
            [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
        if (count < 0) return system_error("cannot write the file");
        if (count == 0) return fail(Errc::io, "the system wrote nothing");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

Result<void> PosixFile::start_writeback(std::uint64_t offset, std::uint64_t length) {
    const auto started = uninterrupted([&] {
        return ::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length),
                                 SYNC_FILE_RANGE_WRITE);
    });
    if (started != 0 && errno != ENOSYS) return system_error("cannot write the file back");
    return {};
}

// The kernel's sync of a file writes its entry and then the table; that of a directory writes the table, and
// what it has of the entry is as yet a file of no size.
Result<void> PosixFile::sync_places() {
    if (!directory_) return {};
    if (uninterrupted([&] { return ::fsync(directory_.get()); }) != 0)
        return system_error("cannot sync the directory");
    directory_.reset();
    return {};
}

Result<void> PosixFile::sync() {
    WCMP_TRY(sync_places());
    if (uninterrupted([&] { return ::fsync(fd_.get()); }) != 0) return system_error("cannot sync the file");
    return {};
}

Result<void> PosixFile::sync_data() {
    WCMP_TRY(sync_places());
    if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0)
        return system_error("cannot sync the file's contents");
    return {};
}

Result<void> PosixFile::set_constant_times() {
    return io::set_constant_times(fd_.get());
}

}  // namespace

Result<void> set_constant_times(int fd) {
    constexpr timespec year_2000{.tv_sec = year_2000_seconds, .tv_nsec = 0};
    const std::array times{year_2000, year_2000};
    if (::futimens(fd, times.data()) != 0) return system_error("cannot set the constant time");
    return {};
}

Result<std::unique_ptr<WritableFile>> adopt_file(UniqueFd descriptor) {
    return adopt_new_file(std::move(descriptor), {});
}

Result<std::unique_ptr<WritableFile>> adopt_new_file(UniqueFd descriptor, UniqueFd directory) {
    struct stat found{};
    if (::fstat(descriptor.get(), &found) != 0) return system_error("cannot examine what was opened");
    if (!S_ISREG(found.st_mode)) return fail(Errc::not_regular, "not a regular file");
    return std::make_unique<PosixFile>(std::move(descriptor), std::move(directory));
}

}  // namespace wcmp::io
