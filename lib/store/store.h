// The local store: a directory of bundles, a journal, sidecars, one owner (lib/bundle/BUNDLE.md, section 6).
//
// Threads: everything const is safe from any thread. What changes the store is called from one thread at a
// time (the store worker, or an importing worker that holds a WriteTurn).
#pragma once

#include "bundle/directory.h"
#include "bundle/reader.h"
#include "core/clock.h"
#include "core/random.h"
#include "io/file.h"
#include "message/admission.h"
#include "store/state_file.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace wcmp::store {

class Journal;
class Sidecars;

struct World {
    const Clock& clock;
    Random& random;
};

// What the store consists of at one moment. Readers hold it as long as they like: a bundle that is merged
// away meanwhile is served to its end.
struct Snapshot {
    std::vector<std::shared_ptr<const bundle::Reader>> bundles;  // by name; indexes mapped
    std::uint64_t messages = 0;                                  // as the headers say: copies count twice
    std::uint64_t bytes = 0;                                     // of the files
};

struct StoreSettings {
    std::uint64_t store_bytes_max = std::uint64_t{4} << 30;
    std::uint64_t store_keep_free_bytes = std::uint64_t{512} << 20;
    message::AdmissionRules admission{};
};

// What opening found, for one warning each.
struct OpenReport {
    std::size_t void_files = 0;  // unlinked
    std::size_t damaged = 0;     // salvaged
    std::uint64_t saved = 0;
    std::uint64_t lost = 0;
    std::size_t unknown_format = 0;
    std::size_t folded = 0;  // messages that were in the journals
};

struct Enqueued {
    MessageId id;
    Day expires;
};

class Store {
public:
    // Takes the lock (Errc::busy: another daemon owns it), makes what is missing, folds what the journals
    // hold.
    static Result<std::unique_ptr<Store>> open(std::unique_ptr<io::Directory> directory,
                                               const StoreSettings& settings, const message::Today& today,
                                               World world, OpenReport& report);
    ~Store();

    // --- reading, from any thread
    std::shared_ptr<const Snapshot> snapshot() const;
    // A message by id, verified: from the journal or the bundles. Errc::not_found (dead ones too).
    Result<Bytes> read(const MessageId& id, const message::Today& today) const;
    Result<std::uint64_t> length_of(const MessageId& id, const message::Today& today) const;
    io::Directory& directory() const { return *directory_; }
    Result<io::Space> space() const;
    bool failing() const { return failing_.load(); }

    // --- writing
    // Durable when it returns. One result each, in order: a class of the format, expired, horizon, refused
    // (rule in the verdict), too_large, no_space, store_failing.
    std::vector<Result<Enqueued>> enqueue(std::span<const Bytes> messages, const message::Today& today);

    // Takes what the journal holds into a bundle; answers the keys that became visible.
    Result<std::vector<MessageKey>> fold(const message::Today& today);
    std::uint64_t journal_bytes() const;  // used in the current file
    std::size_t journal_messages() const;

    // Publishes bundles that were committed into directory(), and takes others away (unlinked already).
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> removed);

    // Unlinks bundles whose last day is dead; answers how many messages they had.
    Result<std::uint64_t> drop_dead(const message::Today& today);

    const State& state() const;
    Result<void> save_state(const State& state);

    // Recognition records of one bundle, from its sidecar, which is made when it is missing.
    Sidecars& sidecars() const;

    // After a failed fsync: no more writes by this process.
    void set_failing() { failing_.store(true); }

    // Held by whoever imports or folds.
    std::unique_lock<std::mutex> write_turn() { return std::unique_lock(write_turn_); }

private:
    Store() = default;

    std::unique_ptr<io::Directory> directory_;
    std::unique_ptr<io::Lock> lock_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Sidecars> sidecars_;
    mutable std::mutex mutex_;
    std::mutex write_turn_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::atomic<bool> failing_ = false;
};

}  // namespace wcmp::store
