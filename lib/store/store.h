// The local store: a directory of bundles, a journal, sidecars, one owner (lib/bundle/BUNDLE.md, section 6).
//
// Threads: everything const is safe from any thread. enqueue() is called from one thread at a time, the store
// worker. So is what changes bundles (fold, publish, drop_dead, salvage), by whoever holds the write turn,
// which the owner of the store gives out.
// The two may run side by side: a long fold stops no client.
#pragma once

#include "bundle/directory.h"
#include "bundle/reader.h"
#include "core/clock.h"
#include "core/random.h"
#include "io/file.h"
#include "message/admission.h"
#include "store/fold_source.h"
#include "store/guarded_directory.h"
#include "store/import_share.h"
#include "store/journal.h"
#include "store/sidecar.h"
#include "store/state_file.h"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace wcmp::store {

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
    // Cover is on: nothing leaves the journal but by fold_with_cover(), and what it does not take is refused.
    bool covered = false;
};

// What opening found, for one warning each.
struct OpenReport {
    std::size_t void_files = 0;  // unlinked
    std::size_t damaged = 0;     // salvaged
    std::uint64_t saved = 0;
    std::uint64_t lost = 0;
    std::size_t unknown_format = 0;
    std::size_t folded = 0;          // messages that were in the journals
    bool disk_full = false;          // the journals could not be folded: what they hold waits for room
    std::optional<Error> failing{};  // why it takes no more, from the start on: opened for reading only
    bool state_lost = false;         // `state` was damaged and has been made anew, without a high-water day
};

struct Enqueued {
    MessageId id;
    Day expires;
    bool in_bundle = false;  // it was large, or the journal full: visible at once, like after a fold
};

class FoldGuard;

class Store {
public:
    // Takes the lock (Errc::busy: another daemon owns it), makes what is missing, folds what the journals
    // hold. Where that cannot be written, or a journal not be read, the store is open for reading only
    // (failing()). What `world` refers to must outlive the store.
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
    Result<io::Space> space() const { return directory_->space(); }
    // After a write or a sync that the medium refused: no more by this process.
    bool failing() const { return directory_->failing(); }
    StoreSettings settings() const;
    // For what comes from now on.
    void set_settings(const StoreSettings& settings);
    // How many more bytes come in: what the free space allows, and what the quota and the share beyond it do.
    struct Room {
        std::uint64_t disk_bytes = 0;
        std::uint64_t share_bytes = 0;
    };
    Result<Room> room(Drawer drawer) const;
    bool is_above_quota() const { return snapshot()->bytes > settings().store_bytes_max; }
    // Until the share takes so many bytes more.
    std::chrono::seconds wait_for_share(Drawer drawer, std::uint64_t bytes) const;

    // --- writing
    // Durable when it returns. One result each, in order. Errors: a class of the format, expired, horizon,
    // refused (its `what` is the name of the rule), too_large, no_space, store_failing. Of the rules,
    // `import_share` alone allows the same message later.
    std::vector<Result<Enqueued>> enqueue(std::span<const Bytes> messages, const message::Today& today);

    // Takes what the journal holds into bundles; answers the keys that became visible, ascending. Messages
    // dead or refused by a rule by now are dropped. With the write turn held.
    Result<std::vector<MessageKey>> fold(const message::Today& today);
    // With cover: as many messages become visible as `dummies` has (seal_cover), by random choice local ones
    // in the place of dummies; what does not go waits in the other journal file. What is in a bundle already
    // does not count. Errors: no_space, the medium's; then nothing has left the journal, but what was
    // committed before the error. With the write turn held, on the thread that enqueues.
    Result<std::vector<MessageKey>> fold_with_cover(std::span<const Bytes> dummies,
                                                    const message::Today& today);
    std::uint64_t journal_bytes() const { return journal_->used_bytes(); }  // that wait for a fold
    std::size_t journal_messages() const { return journal_->messages(); }

    // Makes bundles that were committed into directory() visible, and takes others away: unlinks them, where
    // that is not done yet, with their sidecars. One that vanished meanwhile is not added. What the store
    // grows by beyond its quota is drawn from the share of `drawer`, where there is one.
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> removed,
                         std::optional<Drawer> drawer = {});

    // Unlinks bundles whose messages are all dead; answers how many messages they had.
    Result<std::uint64_t> drop_dead(const message::Today& today);

    // Replaces a damaged bundle by what can be saved of it. It stays where something of it could not be read,
    // or was read once and not a second time.
    struct Salvaged {
        std::uint64_t saved = 0;
        std::uint64_t lost = 0;
    };
    Result<Salvaged> salvage(const bundle::Name& name);

    State state() const;
    // Written only when it differs. From any thread, whatever others change in it meanwhile.
    Result<void> change_state(const std::function<void(State&)>& change);

    // Recognition records of one bundle, from its sidecar, which is made when it is missing.
    Sidecars& sidecars() const { return *sidecars_; }

private:
    struct Pending;
    struct FoldRun;
    struct CoverPlan;
    using Write = Result<bool> (Store::*)(std::span<const Pending>);  // true: in a bundle

    Store(std::unique_ptr<io::Directory> directory, const StoreSettings& settings, World world);

    // Opening.
    Result<void> prepare(OpenReport& report);
    Result<void> prepare_for_reading(const Error& error, OpenReport& report);
    Result<void> load_or_make_state(OpenReport& report);
    Result<void> take_bundles(const message::Today& today, OpenReport& report);
    Result<void> clear_up(const bundle::DirectoryScan& found, const message::Today& today,
                          OpenReport& report);
    void salvage_all(std::span<const bundle::Name> damaged, OpenReport& report);
    Result<std::vector<MessageKey>> gather_at_start(const message::Today& today);
    void fold_at_start(const message::Today& today, OpenReport& report);
    void fail_from_start(const Error& error, OpenReport& report);

    // Enqueueing.
    Result<Enqueued> admit(ByteView message, const message::Today& today, const State& state) const;
    std::uint64_t used_bytes() const { return snapshot()->bytes + journal_->used_bytes(); }
    void draw(Drawer drawer, std::uint64_t bytes_before, std::uint64_t grown);
    void store_pending(std::vector<Pending>& pending, Write write, std::vector<Result<Enqueued>>& results);
    Result<bool> append(std::span<const Pending> pending);
    Result<bool> commit_at_once(std::span<const Pending> pending);

    // Folding.
    Result<std::vector<MessageKey>> fold_file(std::size_t file, const message::Today& today);
    Result<void> commit_fold(FoldRun& run, std::uint64_t new_bytes);
    Result<void> commit_fold(FoldRun& run, std::span<const bundle::Name> absorbed);
    Result<bool> add_absorbed(FoldRun& run, const bundle::Name& name);
    Result<CoverPlan> plan_cover(std::span<const JournalRecord> records, const FoldContents::Admit& admit,
                                 std::uint64_t count);
    Result<void> carry(FoldGuard& guard, std::span<const JournalRecord> records);
    Result<void> gather_journal(const message::Today& today);
    bool is_durable_in_bundle(const MessageKey& key) const;

    void set_bundles(std::vector<std::shared_ptr<const bundle::Reader>> bundles);
    Result<void> unlink_bundles(std::span<const bundle::Name> names);

    std::unique_ptr<GuardedDirectory> directory_;
    const Clock& clock_;
    Random& random_;
    std::unique_ptr<io::Lock> lock_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Sidecars> sidecars_;
    std::set<bundle::Name> unreadable_;  // not absorbed again; of whoever holds the write turn
    std::mutex state_writing_;           // held while the state is written; taken before mutex_

    mutable std::mutex mutex_;  // for what follows; never over a system call
    StoreSettings settings_;
    std::shared_ptr<const Snapshot> snapshot_;
    State state_;
    ImportShare share_;
    std::set<bundle::Name> durable_;  // written or verified, and synced, by this process
};

}  // namespace wcmp::store
