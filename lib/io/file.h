// The seam to the operating system: files and directories, as this project needs them.
//
// Two things implement it: the real system (posix.h), and a file system in memory that forgets what was
// not synced (memory.h), for fault tests. Every name is one component below a directory; nothing here
// follows a link or leaves the file system. Errors are those of error_from_errno().
#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::io {

struct FileStatus {
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;

    auto operator<=>(const FileStatus&) const = default;
};

// Bytes of a file that appear in memory. Only for files that cannot vanish: never for a drive.
class Mapping {
public:
    virtual ~Mapping() = default;
    virtual ByteView bytes() const = 0;
    // False once the medium did not give a page of it: that reads as zeros from then on. To be asked after
    // the bytes were read.
    virtual bool is_whole() const { return true; }
};

// A regular file, open for reading.
class ReadableFile {
public:
    virtual ~ReadableFile() = default;

    // Reads into.size() bytes, or fewer at the end of the file only.
    virtual Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const = 0;

    // That this range is about to be read: where it takes a while, it may be fetched meanwhile. Promises
    // nothing.
    virtual void will_read(std::uint64_t /*offset*/, std::uint64_t /*length*/) const {}

    virtual Result<FileStatus> status() const = 0;

    // Read-only; the range must lie inside the file. Errc::unsupported where there is nothing to map.
    virtual Result<std::unique_ptr<Mapping>> map(std::uint64_t offset, std::size_t length) const = 0;

    // False when another open file holds the lock that a writer takes (see Directory::create).
    // The lock is not kept.
    virtual Result<bool> no_writer() const = 0;
};

// Errc::truncated when the file ends before into.size() bytes.
Result<void> read_exactly(const ReadableFile& file, std::uint64_t offset, MutableBytes into);

// A regular file, open for reading and writing, locked (flock, exclusive) while it is open.
class WritableFile : public ReadableFile {
public:
    // Writes all of it; a short write is an error.
    virtual Result<void> write_at(std::uint64_t offset, ByteView bytes) = 0;

    // Starts writing back a range (sync_file_range), so that dirty pages stay few. Promises nothing.
    virtual Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) = 0;

    virtual Result<void> sync() = 0;       // fsync
    virtual Result<void> sync_data() = 0;  // fdatasync: contents, and size if it changed

    // Sets access and modification time to 2000-01-01 00:00 UTC.
    virtual Result<void> set_constant_times() = 0;
};

// Space of a file system, as an unprivileged writer sees it.
struct Space {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
    bool read_only = false;
};

// Holds a lock while it exists.
class Lock {
public:
    virtual ~Lock() = default;
};

class Directory {
public:
    virtual ~Directory() = default;

    // Every entry's name but "." and "..", in no order, whatever its kind.
    virtual Result<void> list(const std::function<void(std::string_view name)>& visit) const = 0;

    // Regular files only (Errc::not_regular otherwise), never a link, never another file system; never blocks
    // on a FIFO.
    virtual Result<std::unique_ptr<ReadableFile>> open(std::string_view name) const = 0;

    // The same, for writing. Errc::busy when another holds the writer's lock.
    virtual Result<std::unique_ptr<WritableFile>> open_for_writing(std::string_view name) = 0;

    // A new file with this name, mode 0600. Errc::exists when there is one.
    virtual Result<std::unique_ptr<WritableFile>> create(std::string_view name) = 0;

    // A new file without a name, gone when it is closed.
    virtual Result<std::unique_ptr<WritableFile>> create_unnamed() = 0;

    virtual Result<void> unlink(std::string_view name) = 0;

    // Replaces `to`. For our own store's state only: FAT loses data under this (lib/bundle/BUNDLE.md, section
    // 4).
    virtual Result<void> rename(std::string_view from, std::string_view to) = 0;

    virtual Result<void> sync() = 0;              // fsync of the directory: names are durable after it
    virtual Result<void> sync_file_system() = 0;  // syncfs
    virtual Result<void> set_constant_times() = 0;
    virtual Result<Space> space() const = 0;

    // Errc::busy when another process or object holds it.
    virtual Result<std::unique_ptr<Lock>> lock() = 0;

    virtual Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const = 0;

    // Mode 0700. Errc::exists when there is one.
    virtual Result<void> make_directory(std::string_view name) = 0;
};

}  // namespace wcmp::io
