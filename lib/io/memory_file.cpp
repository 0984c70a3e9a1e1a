#include "io/memory_file.h"

#include "io/constant_time.h"

namespace wcmp::io {
namespace {

class MemoryMapping final : public Mapping {
public:
    explicit MemoryMapping(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
    ByteView bytes() const override { return bytes_; }

private:
    Bytes bytes_;
};

class MemoryFile final : public WritableFile {
public:
    MemoryFile(std::shared_ptr<MemoryMedium> medium, NodePointer node, bool lock_held)
        : medium_(std::move(medium)),
          node_(std::move(node)),
          generation_(medium_->generation),
          lock_held_(lock_held) {}
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() override {
        const std::scoped_lock guard(medium_->mutex);
        if (lock_held_ && generation_ == medium_->generation) node_->locked = false;
    }

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override;
    Result<FileStatus> status() const override;
    Result<std::unique_ptr<Mapping>> map(std::uint64_t offset, std::size_t length) const override;
    Result<bool> no_writer() const override;
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override;
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override;
    Result<void> sync() override { return sync_contents("cannot sync the file"); }
    Result<void> sync_data() override { return sync_contents("cannot sync the file's contents"); }
    Result<void> set_constant_times() override;

private:
    Result<void> sync_contents(std::string_view what);
    std::uint64_t room(std::uint64_t offset) const;
    std::size_t part_of(std::uint64_t offset, std::size_t bytes) const;
    void put(std::uint64_t offset, ByteView bytes);

    std::shared_ptr<MemoryMedium> medium_;
    NodePointer node_;
    std::uint64_t generation_;
    bool lock_held_;
};

Result<std::size_t> MemoryFile::read_at(std::uint64_t offset, MutableBytes into) const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_read(generation_, "cannot read the file"));
    const auto all = node_->contents.now();
    if (offset >= all.size()) return 0;
    const auto part = all.subspan(static_cast<std::size_t>(offset));
    const auto count = std::min(part.size(), into.size());
    std::copy_n(part.begin(), count, into.begin());
    return count;
}

Result<FileStatus> MemoryFile::status() const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_read(generation_, "cannot examine the file"));
    return FileStatus{.size = node_->contents.now().size(),
                      .modified_ns = node_->modified_ns,
                      .changed_ns = node_->changed_ns,
                      .inode = node_->inode,
                      .device = medium_->device};
}

Result<std::unique_ptr<Mapping>> MemoryFile::map(std::uint64_t offset, std::size_t length) const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_read(generation_, "cannot map the file"));
    const auto all = node_->contents.now();
    if (offset > all.size() || length > all.size() - offset)
        return fail(Errc::truncated, "the file ends before the range to map");
    return std::make_unique<MemoryMapping>(all.subspan(static_cast<std::size_t>(offset), length));
}

Result<bool> MemoryFile::no_writer() const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_read(generation_, "cannot ask for the lock"));
    return lock_held_ || !node_->locked;
}

// How many bytes may be written at `offset`. What is open without a name takes no room: nothing that is
// tested fills a medium with such files.
std::uint64_t MemoryFile::room(std::uint64_t offset) const {
    const std::uint64_t size = node_->contents.now().size();
    const auto rounded = (size + sector_bytes - 1) / sector_bytes * sector_bytes;
    const auto used = medium_->used_bytes(*medium_->root);
    const auto free = medium_->capacity - std::min(used, medium_->capacity);
    const auto end_max = std::max(size, rounded + free / sector_bytes * sector_bytes);
    return end_max - std::min(offset, end_max);
}

// Of a write that failed. What is overwritten within one sector is written as a whole or not at all.
std::size_t MemoryFile::part_of(std::uint64_t offset, std::size_t bytes) const {
    const auto part = static_cast<std::size_t>(medium_->random.next() % (bytes + 1));
    const bool in_one_sector = bytes > 0 && offset + bytes <= node_->contents.now().size() &&
                               offset / sector_bytes == (offset + bytes - 1) / sector_bytes;
    return in_one_sector && part < bytes ? 0 : part;
}

void MemoryFile::put(std::uint64_t offset, ByteView bytes) {
    node_->contents.write(static_cast<std::size_t>(offset), bytes);
    medium_->touch(*node_);
}

Result<void> MemoryFile::write_at(std::uint64_t offset, ByteView bytes) {
    const std::scoped_lock guard(medium_->mutex);
    const auto begun = medium_->begin_step(generation_, "cannot write the file");
    if (!begun) {
        if (medium_->just_failed()) put(offset, bytes.first(part_of(offset, bytes.size())));
        return begun;
    }
    const auto fitting = std::min<std::uint64_t>(bytes.size(), room(offset));
    put(offset, bytes.first(static_cast<std::size_t>(fitting)));
    if (fitting < bytes.size()) return std::unexpected(error_from_errno("cannot write the file", ENOSPC));
    return {};
}

Result<void> MemoryFile::start_writeback(std::uint64_t /*offset*/, std::uint64_t /*length*/) {
    const std::scoped_lock guard(medium_->mutex);
    return medium_->begin_step(generation_, "cannot write the file back");
}

Result<void> MemoryFile::sync_contents(std::string_view what) {
    const std::scoped_lock guard(medium_->mutex);
    const auto begun = medium_->begin_step(generation_, what);
    if (begun) {
        node_->contents.sync();
    } else if (generation_ == medium_->generation) {
        Survival survival(medium_->random);
        node_->contents.settle(survival);
    }
    return begun;
}

Result<void> MemoryFile::set_constant_times() {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_step(generation_, "cannot set the constant time"));
    medium_->touch(*node_);
    node_->modified_ns = year_2000_seconds * 1'000'000'000;
    return {};
}

}  // namespace

std::unique_ptr<WritableFile> make_memory_file(std::shared_ptr<MemoryMedium> medium, NodePointer node,
                                               bool lock_held) {
    return std::make_unique<MemoryFile>(std::move(medium), std::move(node), lock_held);
}

}  // namespace wcmp::io
