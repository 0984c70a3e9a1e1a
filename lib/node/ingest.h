// Messages of clients: durable in groups, folded into bundles (lib/bundle/BUNDLE.md, section 6).
#pragma once

#include "drives/source.h"
#include "node/view.h"
#include "node/worker.h"

#include <deque>
#include <optional>

namespace wcmp::node {

class Ingest {
public:
    // A message waits no longer for its fold.
    static constexpr auto fold_after = std::chrono::seconds(60);
    static constexpr auto directory_fold_pause = std::chrono::hours(24);

    // changed: called when a fold brought something into the store.
    Ingest(Context& context, View& view, std::function<void()> changed);

    void enqueue(Bytes message, Reply<Enqueued> reply);
    // With cover on nothing is folded on a request, and it is answered at once.
    void fold(Reply<void> reply);
    // At the start of a visit: called when the fold is done, or cannot be done now. With cover on a
    // directory's visit folds at most once in 24 h, and only if no other has in that time.
    void fold_before(drives::Kind kind, Task then);
    // Without cover from now on, what waits is folded.
    void settings_changed();
    bool covered() const { return context_.settings->cover.messages_per_visit > 0; }
    // An importer has ended: a fold that waited for its turn goes on.
    void turn_is_free();

    // Said once, and tried again: what was acknowledged stays in the journal. Also for the fold at the start.
    void fold_failed(const Error& error);

    // Answers what was not begun.
    void stop();

private:
    struct Waiting {
        Bytes message;
        Reply<Enqueued> reply;
    };
    struct Committed {
        std::vector<Result<store::Enqueued>> results;
        std::uint64_t journal_bytes = 0;
        std::chrono::seconds share_wait{};  // until the largest of them has a share, where one had none
    };
    struct Folded {
        bool no_turn = false;
        bool turn_soon = false;  // whoever has it gives it back in a moment
        Result<std::vector<MessageKey>> keys;
    };

    std::vector<Waiting> next_group();
    void commit_next();
    void committed(std::vector<Reply<Enqueued>> replies, const Committed& committed);
    Failure failure_of(const Error& error, std::chrono::seconds share_wait) const;
    void count_refusal(const Error& error);
    void want_fold();
    void start_fold();
    void start_covered_fold();
    void run_fold(std::optional<std::vector<Bytes>> dummies);
    bool may_fold(drives::Kind kind) const;
    void folded(std::vector<Reply<void>> replies, std::vector<Task> before, Folded result);

    Context& context_;
    View& view_;
    std::function<void()> changed_;
    std::deque<Waiting> waiting_;
    bool committing_ = false;
    std::vector<Reply<void>> fold_replies_;
    std::vector<Task> fold_before_;
    bool folding_ = false;
    bool fold_again_ = false;
    bool fold_blocked_ = false;         // until the turn is free
    bool turn_was_free_ = false;        // since the fold began
    std::optional<Errc> fold_failure_;  // of the last fold
    Timers::Slot fold_timer_;
    std::optional<std::chrono::nanoseconds> last_covered_fold_;    // by CLOCK_BOOTTIME
    std::optional<std::chrono::nanoseconds> covered_fold_before_;  // where the last one came to nothing
    Worker cover_worker_;                                          // seals dummies
};

}  // namespace wcmp::node
