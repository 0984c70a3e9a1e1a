// The state behind a MemoryFileSystem: files, names, faults, and what is forgotten.
#pragma once

#include "io/memory.h"
#include "io/memory_contents.h"

#include <map>
#include <mutex>
#include <optional>

namespace wcmp::io {

struct MemoryNode;
using NodePointer = std::shared_ptr<MemoryNode>;

// The names of a directory, now and on the medium. A null pointer among the changes is a removal.
class MemoryNames {
public:
    const std::map<std::string, NodePointer, std::less<>>& now() const { return now_; }
    NodePointer find(std::string_view name) const;
    void set(std::string_view name, const NodePointer& node);

    void sync();
    void settle(Survival& survival);
    void forget() { now_ = medium_; }

private:
    using Map = std::map<std::string, NodePointer, std::less<>>;
    static void put(Map& map, const std::string& name, const NodePointer& node);

    Map now_;
    Map medium_;
    std::map<std::string, std::vector<NodePointer>> unsynced_;
};

// A file or a directory.
struct MemoryNode {
    bool is_directory = false;
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    bool locked = false;
    MemoryContents contents;
    MemoryNames names;
};

// Calls counted, and the fault that waits for one of them.
class FaultPoint {
public:
    std::uint64_t calls() const { return calls_; }
    void set(std::uint64_t call, Fault fault) { waiting_ = {call, fault}; }
    void clear() { waiting_.reset(); }

    // Counts a call; answers the fault that hits it.
    std::optional<Fault> next();

private:
    std::uint64_t calls_ = 0;
    std::optional<std::pair<std::uint64_t, Fault>> waiting_;
};

// Every member is used with `mutex` held.
class MemoryMedium {
public:
    explicit MemoryMedium(std::uint64_t seed);

    // Begins a call by an object that was made in `generation`. Fails for objects from before a power cut,
    // for faults, and for changes of a medium that is read only.
    Result<void> begin_step(std::uint64_t generation, std::string_view what);
    Result<void> begin_read(std::uint64_t generation, std::string_view what);

    // Whether the call that begin_step() refused was the first to meet the fault: a write may have got
    // somewhere.
    bool just_failed() const { return just_failed_; }

    NodePointer make_node(bool is_directory);
    void touch(MemoryNode& node);
    void sync_below(MemoryNode& node);
    void forget_below(MemoryNode& node, Survival& names, Survival& contents);
    std::uint64_t used_bytes(const MemoryNode& node) const;
    void power_cut();
    void clear_faults();

    std::mutex mutex;
    SeededRandom random;
    NodePointer root;
    FaultPoint steps;
    FaultPoint reads;
    std::uint64_t generation = 0;
    std::uint64_t capacity = std::uint64_t{1} << 40;
    std::uint64_t device = 0;
    bool read_only = false;

private:
    std::optional<Fault> dead_;  // a fault that lasts
    bool just_failed_ = false;
    std::uint64_t inodes_ = 0;
    std::int64_t time_ns_ = 0;  // counts changes
};

}  // namespace wcmp::io
