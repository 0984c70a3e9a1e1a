#include "bundle/write_behind.h"

#include "core/limits.h"

namespace wcmp::bundle {

Result<void> BlockWriter::write(ByteView block) {
    WCMP_TRY(file_.write_at(written_, block));
    written_ += block.size();
    if (written_ - flushed_ < limits::flush_every_bytes) return {};
    WCMP_TRY(file_.start_writeback(flushed_, written_ - flushed_));
    flushed_ = written_;
    return {};
}

WriteBehind::WriteBehind(io::WritableFile& file)
    : writer_(file), thread_([this](const std::stop_token& stop) { run(stop); }) {}

WriteBehind::~WriteBehind() = default;

void WriteBehind::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return full_; })) {
        lock.unlock();
        const auto written = writer_.write(block_);
        lock.lock();
        block_.clear();
        full_ = false;
        if (!written) error_ = written.error();
        changed_.notify_all();
    }
}

Result<void> WriteBehind::write(Bytes& block) {
    WCMP_TRY(finish());
    const std::scoped_lock lock(mutex_);
    block_.swap(block);
    full_ = true;
    changed_.notify_all();
    return {};
}

Result<void> WriteBehind::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !full_; });
    if (error_) return std::unexpected(*error_);
    return {};
}

}  // namespace wcmp::bundle
