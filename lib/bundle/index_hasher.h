// The hash of an index while it is read, and a thread that computes it beside whoever goes through the
// entries.
#pragma once

#include "bundle/reader.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace wcmp::bundle {

class IndexHasher {
public:
    // The day table comes first, as it was read when the bundle was opened: what was used is what is hashed.
    explicit IndexHasher(std::span<const DayCount> days);

    // The next entries, whole ones. Where a block starts, the hash so far is kept.
    void add(ByteView entries);
    // Another one that goes on from here.
    std::unique_ptr<IndexHasher> fork() const;
    // Of all that was added; nothing may be added afterwards.
    crypto::Hash256 finish() { return hash_.finish(); }
    std::shared_ptr<const IndexDigests> digests() const { return digests_; }

private:
    IndexHasher() = default;

    crypto::Sha256 hash_;
    std::shared_ptr<IndexDigests> digests_ = std::make_shared<IndexDigests>();
    std::size_t in_block_ = 0;  // bytes of the block that is not full yet
};

// Adds to hashes on a thread of its own, which touches no file. For one other thread to use.
class HashBehind {
public:
    HashBehind();
    HashBehind(const HashBehind&) = delete;
    HashBehind& operator=(const HashBehind&) = delete;
    ~HashBehind();  // what was not begun is left undone

    // Until settle() neither the hash nor the bytes may be touched, but for reading the bytes; and there is
    // nothing that the hash still waits for.
    void add(IndexHasher& hash, ByteView entries);
    // When it answers, all is added. Does it here when the thread has not come to it.
    void settle(const IndexHasher& hash);

private:
    struct Job {
        IndexHasher* hash;
        ByteView entries;
    };
    void run(const std::stop_token& stop);

    std::mutex mutex_;  // for what follows
    std::condition_variable_any changed_;
    std::list<Job> waiting_;
    const IndexHasher* busy_ = nullptr;
    std::jthread thread_;
};

}  // namespace wcmp::bundle
