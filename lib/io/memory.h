// A file system in memory that forgets what was not synced: for fault tests.
//
//     MemoryFileSystem files(seed);
//     auto root = files.root();
//     files.fail_at(files.steps() + 3, {.os_error = EIO, .lasts = Fault::Lasts::all});  // the drive dies
//     ... work on root; the fourth changing call and all after it fail ...
//     files.power_cut();
//     ... work on files.root(): what a machine finds when it comes up again ...
//
// What it models, at a power cut and at a failed sync:
// * Contents written since the file's last sync survive as an arbitrary subset of sectors of 512 bytes, each
// as
//   any of its versions; so may the size, then with zeros where sectors were lost.
// * Names created, removed or renamed since the directory's last sync() survive as an arbitrary subset, each
//   name for itself. A file's own sync says nothing about its name.
// * What a failed sync left behind is never written again: later syncs succeed and do nothing for it, while
//   reads still show it (from the cache) until power_cut().
// * start_writeback() promises nothing.
// The subset comes from the seed; nothing and everything are drawn often. Safe from any thread.
#pragma once

#include "io/file.h"

#include <cerrno>

namespace wcmp::io {

class MemoryMedium;

struct Fault {
    enum class Lasts : std::uint8_t {
        once,    // that call alone
        writes,  // every changing call from then on
        all,     // every call from then on, reading too: a drive that died or was pulled out
    };
    int os_error = EIO;
    Lasts lasts = Lasts::once;
};

class MemoryFileSystem {
public:
    explicit MemoryFileSystem(std::uint64_t seed = 1);

    std::unique_ptr<Directory> root();

    // Calls so far. A step is a call that changes something or promises that a change is durable: create*,
    // make_directory, unlink, rename, write_at, start_writeback, sync*, set_constant_times. Numbered from 0.
    std::uint64_t steps() const;
    // list, open*, read_at, map, status, space. Numbered from 0, apart from steps.
    std::uint64_t reads() const;

    // Lets the call with this number fail; a write may get a part of its bytes done. One fault of each kind
    // at a time; the later replaces the earlier, and clear_faults() ends them.
    void fail_at(std::uint64_t step, Fault fault = {});
    void fail_read_at(std::uint64_t read, Fault fault = {});
    void clear_faults();

    // Forgets what was not synced, faults and locks. What was open before answers EIO for good.
    void power_cut();

    // Files' sizes, rounded up to sectors, may add up to this; at first 1 TiB.
    void set_capacity(std::uint64_t bytes);
    void set_read_only(bool read_only);

private:
    std::shared_ptr<MemoryMedium> medium_;
};

}  // namespace wcmp::io
