// What no import can be faster than, on the same files: reading, hashing, writing, one after the other.
#pragma once

#include <cstdint>
#include <filesystem>

namespace wcmp::bench {

double hash_s(std::uint64_t bytes);

// One file, written in steps of 1 MiB and synced.
double write_s(const std::filesystem::path& folder, std::uint64_t bytes);

// The first bytes of the files of a folder, in steps of 256 KiB.
double read_s(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace wcmp::bench
