// Who may write the store's bundles: one at a time, in the order in which they came, and nobody waits who
// need not.
#pragma once

#include "core/error.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

namespace wcmp::node {

// What an importer has while it is its turn. It reads a drive meanwhile, which may hang: then the ticket is
// taken away, and whatever the importer wants to change when it wakes up is refused.
class ImportTicket {
public:
    // Makes a change, unless the ticket is void. It does not become void meanwhile.
    template <class Change>
    std::invoke_result_t<Change> act(Change change) {
        const std::lock_guard lock(mutex_);
        if (void_) return fail(Errc::cancelled, "the drive did not answer, and its turn was taken away");
        return change();
    }

private:
    friend class WriteTurn;
    std::mutex mutex_;
    bool void_ = false;
};

// Work on the store alone that must not wait on its thread: it tries for the turn, and where it does not get
// it it is noted. When it is next, the turn stays free for it until it comes.
enum class ShortWork : std::uint8_t { fold, repair, expiry };

class WriteTurn {
public:
    // on_free: called after each turn, on the thread that ends it, and whenever somebody else is next.
    // Whoever tried in vain tries again then, or says that it will not.
    explicit WriteTurn(std::function<void()> on_free) : on_free_(std::move(on_free)) {}

    // Waits for it. Errc::cancelled when `stop` is asked for first.
    Result<void> take(const std::stop_token& stop, std::shared_ptr<ImportTicket> ticket);

    // The same for a moment of work on the store alone, such as one merge: who needs the turn soon waits.
    Result<void> take_briefly(const std::stop_token& stop);

    bool try_take(ShortWork work);
    // After a try in vain: it is not needed any more. Nothing happens where there was none.
    void forget(ShortWork work);
    // No short work comes any more: nothing is kept free for it.
    void forget_all();
    // Who has it, or is about to, gives it back in a moment.
    bool is_held_briefly() const;
    std::size_t waiting() const;  // those that were noted count

    // What was taken without a ticket is given back without one. Nothing happens where the turn has been
    // taken away.
    void give_back(const std::shared_ptr<ImportTicket>& ticket = nullptr);

    // Makes the ticket void, and ends its turn if it is on. False: a change is being made with it at this
    // moment, so ask again later. Waits for nothing.
    bool take_away(const std::shared_ptr<ImportTicket>& ticket);

private:
    // A number for each that waits; short work has its own, from 0 on.
    using Place = std::uint64_t;
    static constexpr Place short_works = 3;

    static Place place_of(ShortWork work) { return static_cast<Place>(work); }
    bool is_next(Place place) const { return !taken_ && !queue_.empty() && queue_.front() == place; }
    void leave(Place place);
    void hand_on();

    mutable std::mutex mutex_;
    std::condition_variable_any free_;
    std::deque<Place> queue_;
    Place next_place_ = short_works;
    bool taken_ = false;
    bool brief_ = false;
    bool takes_notes_ = true;
    std::shared_ptr<ImportTicket> holder_;
    std::function<void()> on_free_;
};

}  // namespace wcmp::node
