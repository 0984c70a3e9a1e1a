// Writes a file from front to back while what comes next is read and hashed.
#pragma once

#include "io/file.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace wcmp::bundle {

// Blocks behind one another, written back every few MiB so that dirty pages stay few.
class BlockWriter {
public:
    explicit BlockWriter(io::WritableFile& file) : file_(file) {}
    Result<void> write(ByteView block);

private:
    io::WritableFile& file_;
    std::uint64_t written_ = 0;
    std::uint64_t flushed_ = 0;
};

// The same on a thread of its own, at most one block behind whoever fills the next. For one thread to use.
class WriteBehind {
public:
    explicit WriteBehind(io::WritableFile& file);
    WriteBehind(const WriteBehind&) = delete;
    WriteBehind& operator=(const WriteBehind&) = delete;
    ~WriteBehind();  // writes what it was given to its end

    // Takes the bytes of `block`, which is empty afterwards. An error is that of a block before.
    Result<void> write(Bytes& block);
    // When it answers, all is written.
    Result<void> finish();

private:
    void run(const std::stop_token& stop);

    BlockWriter writer_;
    std::mutex mutex_;  // for what follows
    std::condition_variable_any changed_;
    Bytes block_;
    bool full_ = false;
    std::optional<Error> error_;
    std::jthread thread_;
};

}  // namespace wcmp::bundle
