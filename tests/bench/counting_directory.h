// Counts what is written to a directory, from outside of what writes.
#pragma once

#include "drives/forwarding_directory.h"

#include <algorithm>

namespace wcmp::bench {

struct Written {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
    std::uint64_t longest_file_bytes = 0;  // as many bytes as one of them was written
};

class CountingDirectory final : public drives::ForwardingDirectory {
public:
    explicit CountingDirectory(io::Directory& inner) : ForwardingDirectory(inner) {}

    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override;
    const Written& written() const { return *written_; }
    void start_anew() { *written_ = {}; }

private:
    std::shared_ptr<Written> written_ = std::make_shared<Written>();
};

}  // namespace wcmp::bench
