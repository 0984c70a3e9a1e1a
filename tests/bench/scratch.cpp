#include "scratch.h"

#include "io/posix.h"
#include "row.h"

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace wcmp::bench {

namespace fs = std::filesystem;

Scratch::Scratch() {
    std::string pattern = (fs::temp_directory_path() / "wcmp-bench-XXXXXX").string();
    must_be(mkdtemp(pattern.data()) != nullptr, "no folder for the benchmark's data");
    path_ = pattern;
}

Scratch::~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::unique_ptr<io::Directory> folder(const fs::path& path) {
    return must(io::open_or_make_directory(path));
}

void copy_folder(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    fs::copy(from, to);
    ::sync();
}

void forget_cached(const fs::path& path) {
    ::sync();
    for (const auto& entry : fs::directory_iterator(path)) {
        if (!entry.is_regular_file()) continue;
        const io::UniqueFd file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        must_be(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0, "the page cache keeps a file");
    }
}

std::uint64_t bytes_of(const fs::path& path) {
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(path))
        if (entry.is_regular_file()) bytes += entry.file_size();
    return bytes;
}

}  // namespace wcmp::bench
