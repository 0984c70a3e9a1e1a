// The order of writing on FAT and exFAT, where a file's entry and the table of what is free are written each
// for itself. An entry that is on the drive over places that the table calls free is the worst that a drive
// can be pulled out with: who writes next is given the same places, and whoever removes one of the two files
// frees the other's. So of a new file the table comes before the entry, and of a removed one it comes after.
#pragma once

#include "core/error.h"
#include "io/unique_fd.h"

#include <cstdint>
#include <mutex>
#include <vector>

namespace wcmp::io {

// By statfs(2)'s f_type.
bool needs_order(std::uint64_t file_system_type);
bool needs_order(int fd);

// Files whose names have been removed, and that keep their places until that is on the drive. Safe from any
// thread.
class RemovedFiles {
public:
    // How many may wait; a process may have 1024 descriptors.
    static constexpr std::size_t most = 64;

    // Remembers a file that is about to lose its name.
    bool full() const;
    void hold(UniqueFd file);
    // To be let go of when the directory has been synced.
    std::vector<UniqueFd> take();

private:
    mutable std::mutex mutex_;
    std::vector<UniqueFd> files_;
};

}  // namespace wcmp::io
