// Folders for a benchmark, and what the page cache holds of them.
#pragma once

#include "io/file.h"

#include <filesystem>
#include <memory>

namespace wcmp::bench {

// A folder below $TMPDIR that is gone when the process ends.
class Scratch {
public:
    Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch();
    std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

std::unique_ptr<io::Directory> folder(const std::filesystem::path& path);

// `to` becomes a copy of `from`, synced.
void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// Takes the files of a folder out of the page cache, after a sync: only what is clean and not mapped goes.
void forget_cached(const std::filesystem::path& path);

// Of all files.
std::uint64_t bytes_of(const std::filesystem::path& path);

}  // namespace wcmp::bench
