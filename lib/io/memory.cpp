#include "io/memory.h"

#include "io/constant_time.h"
#include "io/memory_file.h"
#include "io/name.h"

namespace wcmp::io {
namespace {

class MemoryLock final : public Lock {
public:
    MemoryLock(std::shared_ptr<MemoryMedium> medium, NodePointer node)
        : medium_(std::move(medium)), node_(std::move(node)), generation_(medium_->generation) {}
    MemoryLock(const MemoryLock&) = delete;
    MemoryLock& operator=(const MemoryLock&) = delete;
    ~MemoryLock() override {
        const std::scoped_lock guard(medium_->mutex);
        if (generation_ == medium_->generation) node_->locked = false;
    }

private:
    std::shared_ptr<MemoryMedium> medium_;
    NodePointer node_;
    std::uint64_t generation_;
};

class MemoryDirectory final : public Directory {
public:
    MemoryDirectory(std::shared_ptr<MemoryMedium> medium, NodePointer node)
        : medium_(std::move(medium)), node_(std::move(node)), generation_(medium_->generation) {}

    Result<void> list(const std::function<void(std::string_view name)>& visit) const override;
    Result<std::unique_ptr<ReadableFile>> open(std::string_view name) const override;
    Result<std::unique_ptr<WritableFile>> open_for_writing(std::string_view name) override;
    Result<std::unique_ptr<WritableFile>> create(std::string_view name) override;
    Result<std::unique_ptr<WritableFile>> create_unnamed() override;
    Result<void> unlink(std::string_view name) override;
    Result<void> rename(std::string_view from, std::string_view to) override;
    Result<void> sync() override;
    Result<void> sync_file_system() override;
    Result<void> set_constant_times() override;
    Result<Space> space() const override;
    Result<std::unique_ptr<Lock>> lock() override;
    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override;
    Result<void> make_directory(std::string_view name) override;

private:
    Result<NodePointer> find(std::string_view name, bool directory) const;
    Result<NodePointer> add(std::string_view name, bool directory, std::string_view what);
    void set(std::string_view name, const NodePointer& node);
    bool full() const { return medium_->used_bytes(*medium_->root) >= medium_->capacity; }

    std::shared_ptr<MemoryMedium> medium_;
    NodePointer node_;
    std::uint64_t generation_;
};

Result<void> MemoryDirectory::list(const std::function<void(std::string_view name)>& visit) const {
    std::vector<std::string> names;
    {
        const std::scoped_lock guard(medium_->mutex);
        WCMP_TRY(medium_->begin_read(generation_, "cannot list the directory"));
        for (const auto& [name, node] : node_->names.now()) names.push_back(name);
    }
    for (const auto& name : names) visit(name);
    return {};
}

Result<NodePointer> MemoryDirectory::find(std::string_view name, bool directory) const {
    WCMP_TRY(check_name(name));
    WCMP_TRY(medium_->begin_read(generation_, "cannot open"));
    auto node = node_->names.find(name);
    if (!node) return std::unexpected(error_from_errno("cannot open", ENOENT));
    if (node->is_directory != directory)
        return std::unexpected(error_from_errno("cannot open", directory ? ENOTDIR : EISDIR));
    return node;
}

Result<std::unique_ptr<ReadableFile>> MemoryDirectory::open(std::string_view name) const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_ASSIGN(auto node, find(name, false));
    return make_memory_file(medium_, std::move(node), false);
}

Result<std::unique_ptr<WritableFile>> MemoryDirectory::open_for_writing(std::string_view name) {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_ASSIGN(auto node, find(name, false));
    if (medium_->read_only) return std::unexpected(error_from_errno("cannot open", EROFS));
    if (node->locked) return std::unexpected(error_from_errno("cannot lock the file", EAGAIN));
    node->locked = true;
    return make_memory_file(medium_, std::move(node), true);
}

void MemoryDirectory::set(std::string_view name, const NodePointer& node) {
    node_->names.set(name, node);
    medium_->touch(*node_);
}

Result<NodePointer> MemoryDirectory::add(std::string_view name, bool directory, std::string_view what) {
    WCMP_TRY(check_name(name));
    WCMP_TRY(medium_->begin_step(generation_, what));
    if (node_->names.find(name)) return std::unexpected(error_from_errno(what, EEXIST));
    if (full()) return std::unexpected(error_from_errno(what, ENOSPC));
    auto node = medium_->make_node(directory);
    set(name, node);
    return node;
}

Result<std::unique_ptr<WritableFile>> MemoryDirectory::create(std::string_view name) {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_ASSIGN(auto node, add(name, false, "cannot open"));
    node->locked = true;
    return make_memory_file(medium_, std::move(node), true);
}

Result<std::unique_ptr<WritableFile>> MemoryDirectory::create_unnamed() {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_step(generation_, "cannot create a file without a name"));
    auto node = medium_->make_node(false);
    node->locked = true;
    return make_memory_file(medium_, std::move(node), true);
}

Result<void> MemoryDirectory::unlink(std::string_view name) {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(check_name(name));
    WCMP_TRY(medium_->begin_step(generation_, "cannot unlink"));
    const auto node = node_->names.find(name);
    if (!node) return std::unexpected(error_from_errno("cannot unlink", ENOENT));
    if (node->is_directory) return std::unexpected(error_from_errno("cannot unlink", EISDIR));
    set(name, nullptr);
    return {};
}

Result<void> MemoryDirectory::rename(std::string_view from, std::string_view to) {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(check_name(from));
    WCMP_TRY(check_name(to));
    WCMP_TRY(medium_->begin_step(generation_, "cannot rename"));
    const auto node = node_->names.find(from);
    if (!node) return std::unexpected(error_from_errno("cannot rename", ENOENT));
    const auto replaced = node_->names.find(to);
    if (replaced == node) return {};
    if (replaced && replaced->is_directory != node->is_directory)
        return std::unexpected(error_from_errno("cannot rename", node->is_directory ? ENOTDIR : EISDIR));
    set(to, node);
    set(from, nullptr);
    return {};
}

Result<void> MemoryDirectory::sync() {
    const std::scoped_lock guard(medium_->mutex);
    const auto begun = medium_->begin_step(generation_, "cannot sync the directory");
    if (begun) {
        node_->names.sync();
    } else if (generation_ == medium_->generation) {
        Survival survival(medium_->random);
        node_->names.settle(survival);
    }
    return begun;
}

Result<void> MemoryDirectory::sync_file_system() {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_step(generation_, "cannot sync the file system"));
    medium_->sync_below(*medium_->root);
    return {};
}

Result<void> MemoryDirectory::set_constant_times() {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_step(generation_, "cannot set the constant time"));
    medium_->touch(*node_);
    node_->modified_ns = year_2000_seconds * 1'000'000'000;
    return {};
}

Result<Space> MemoryDirectory::space() const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_read(generation_, "cannot ask for the free space"));
    const auto used = std::min(medium_->used_bytes(*medium_->root), medium_->capacity);
    return Space{.free_bytes = medium_->capacity - used,
                 .total_bytes = medium_->capacity,
                 .read_only = medium_->read_only};
}

Result<std::unique_ptr<Lock>> MemoryDirectory::lock() {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(medium_->begin_read(generation_, "cannot lock the directory"));
    if (node_->locked) return std::unexpected(error_from_errno("cannot lock the directory", EAGAIN));
    node_->locked = true;
    return std::make_unique<MemoryLock>(medium_, node_);
}

Result<std::unique_ptr<Directory>> MemoryDirectory::open_directory(std::string_view name) const {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_ASSIGN(auto node, find(name, true));
    return std::make_unique<MemoryDirectory>(medium_, std::move(node));
}

Result<void> MemoryDirectory::make_directory(std::string_view name) {
    const std::scoped_lock guard(medium_->mutex);
    WCMP_TRY(add(name, true, "cannot make the directory"));
    return {};
}

}  // namespace

MemoryFileSystem::MemoryFileSystem(std::uint64_t seed) : medium_(std::make_shared<MemoryMedium>(seed)) {}

std::unique_ptr<Directory> MemoryFileSystem::root() {
    const std::scoped_lock guard(medium_->mutex);
    return std::make_unique<MemoryDirectory>(medium_, medium_->root);
}

std::uint64_t MemoryFileSystem::steps() const {
    const std::scoped_lock guard(medium_->mutex);
    return medium_->steps.calls();
}

std::uint64_t MemoryFileSystem::reads() const {
    const std::scoped_lock guard(medium_->mutex);
    return medium_->reads.calls();
}

void MemoryFileSystem::fail_at(std::uint64_t step, Fault fault) {
    const std::scoped_lock guard(medium_->mutex);
    medium_->steps.set(step, fault);
}

void MemoryFileSystem::fail_read_at(std::uint64_t read, Fault fault) {
    const std::scoped_lock guard(medium_->mutex);
    medium_->reads.set(read, fault);
}

void MemoryFileSystem::clear_faults() {
    const std::scoped_lock guard(medium_->mutex);
    medium_->clear_faults();
}

void MemoryFileSystem::power_cut() {
    const std::scoped_lock guard(medium_->mutex);
    medium_->power_cut();
}

void MemoryFileSystem::set_capacity(std::uint64_t bytes) {
    const std::scoped_lock guard(medium_->mutex);
    medium_->capacity = bytes;
}

void MemoryFileSystem::set_read_only(bool read_only) {
    const std::scoped_lock guard(medium_->mutex);
    medium_->read_only = read_only;
}

}  // namespace wcmp::io
