#include "io/memory_medium.h"

#include <atomic>

namespace wcmp::io {

NodePointer MemoryNames::find(std::string_view name) const {
    const auto found = now_.find(name);
    return found == now_.end() ? nullptr : found->second;
}

void MemoryNames::put(Map& map, const std::string& name, const NodePointer& node) {
    if (node)
        map[name] = node;
    else
        map.erase(name);
}

void MemoryNames::set(std::string_view name, const NodePointer& node) {
    const std::string key(name);
    put(now_, key, node);
    unsynced_[key].push_back(node);
}

void MemoryNames::sync() {
    for (const auto& [name, versions] : unsynced_) put(medium_, name, versions.back());
    unsynced_.clear();
}

void MemoryNames::settle(Survival& survival) {
    for (const auto& [name, versions] : unsynced_) {
        const auto version = survival.pick(versions.size());
        if (version > 0) put(medium_, name, versions[version - 1]);
    }
    unsynced_.clear();
}

std::optional<Fault> FaultPoint::next() {
    const auto call = calls_++;
    if (!waiting_ || call < waiting_->first) return {};
    const auto fault = waiting_->second;
    waiting_.reset();
    return fault;
}

MemoryMedium::MemoryMedium(std::uint64_t seed) : random(seed) {
    static std::atomic<std::uint64_t> devices = 0;
    device = ++devices;
    root = make_node(true);
}

Result<void> MemoryMedium::begin_step(std::uint64_t made_in, std::string_view what) {
    just_failed_ = false;
    if (made_in != generation) return std::unexpected(error_from_errno(what, EIO));
    const auto fault = steps.next();
    just_failed_ = fault && !dead_ && !read_only;
    if (fault && fault->lasts != Fault::Lasts::once) dead_ = fault;
    if (dead_) return std::unexpected(error_from_errno(what, dead_->os_error));
    if (fault) return std::unexpected(error_from_errno(what, fault->os_error));
    if (read_only) return std::unexpected(error_from_errno(what, EROFS));
    return {};
}

Result<void> MemoryMedium::begin_read(std::uint64_t made_in, std::string_view what) {
    if (made_in != generation) return std::unexpected(error_from_errno(what, EIO));
    const auto fault = reads.next();
    if (fault && fault->lasts != Fault::Lasts::once) dead_ = fault;
    if (dead_ && dead_->lasts == Fault::Lasts::all)
        return std::unexpected(error_from_errno(what, dead_->os_error));
    if (fault) return std::unexpected(error_from_errno(what, fault->os_error));
    return {};
}

NodePointer MemoryMedium::make_node(bool is_directory) {
    auto node = std::make_shared<MemoryNode>();
    node->is_directory = is_directory;
    node->inode = ++inodes_;
    touch(*node);
    return node;
}

void MemoryMedium::touch(MemoryNode& node) {
    node.modified_ns = node.changed_ns = ++time_ns_;
}

void MemoryMedium::sync_below(MemoryNode& node) {
    node.contents.sync();
    node.names.sync();
    for (const auto& [name, below] : node.names.now()) sync_below(*below);
}

void MemoryMedium::forget_below(MemoryNode& node, Survival& names, Survival& contents) {
    node.names.settle(names);
    node.names.forget();
    node.contents.settle(contents);
    node.contents.forget();
    node.locked = false;
    for (const auto& [name, below] : node.names.now()) forget_below(*below, names, contents);
}

std::uint64_t MemoryMedium::used_bytes(const MemoryNode& node) const {
    std::uint64_t sum = (node.contents.now().size() + sector_bytes - 1) / sector_bytes * sector_bytes;
    for (const auto& [name, below] : node.names.now()) sum += used_bytes(*below);
    return sum;
}

void MemoryMedium::power_cut() {
    Survival names(random);
    Survival contents(random);
    forget_below(*root, names, contents);
    ++generation;
    clear_faults();
}

void MemoryMedium::clear_faults() {
    dead_.reset();
    steps.clear();
    reads.clear();
}

}  // namespace wcmp::io
