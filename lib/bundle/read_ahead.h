// One bundle's messages, read ahead in large steps when they stand close together.
#pragma once

#include "bundle/reader.h"

#include <memory>

namespace wcmp::bundle {

// A run of bytes of a bundle's messages that are known to be wanted.
struct Run {
    std::uint64_t begin = 0;  // from the start of the messages
    std::uint64_t end = 0;
};

class ReadAhead {
public:
    // Holds at most window_bytes at a time.
    ReadAhead(const Reader& reader, std::size_t window_bytes)
        : reader_(&reader), window_bytes_(window_bytes) {}

    std::size_t window_bytes() const { return window_bytes_; }
    bool holds(const Run& run) const { return run.begin >= loaded_.begin && run.end <= loaded_.end; }

    // Reads a run of at most window_bytes. E_BUNDLE when the file ends before it.
    Result<void> load(const Run& run);

    // Bytes that are held, valid until the next load().
    ByteView view(const Run& run) const;

private:
    const Reader* reader_;
    std::size_t window_bytes_;
    std::unique_ptr<std::uint8_t[]> window_;
    Run loaded_;
};

// Reads a run of a bundle's messages. E_BUNDLE when it is not inside them, or the file ends before it.
Result<void> read_run(const Reader& reader, std::uint64_t begin, MutableBytes into);

}  // namespace wcmp::bundle
