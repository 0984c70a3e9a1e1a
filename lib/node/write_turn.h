// Who may write the store's bundles: one at a time, and nobody waits who need not.
#pragma once

#include "core/error.h"

#include <condition_variable>
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

class WriteTurn {
public:
    // on_free: called after each turn, on the thread that ends it.
    explicit WriteTurn(std::function<void()> on_free) : on_free_(std::move(on_free)) {}

    // Waits for it. Errc::cancelled when `stop` is asked for first.
    Result<void> take(const std::stop_token& stop, std::shared_ptr<ImportTicket> ticket) {
        std::unique_lock lock(mutex_);
        if (!free_.wait(lock, stop, [this] { return !taken_; }))
            return fail(Errc::cancelled, "stopped while another wrote the store");
        taken_ = true;
        holder_ = std::move(ticket);
        return {};
    }

    // The same for a moment of work on the store alone, such as one merge: who needs the turn soon waits.
    Result<void> take_briefly(const std::stop_token& stop) {
        WCMP_TRY(take(stop, nullptr));
        const std::lock_guard lock(mutex_);
        brief_ = true;
        return {};
    }
    bool is_held_briefly() const {
        const std::lock_guard lock(mutex_);
        return brief_;
    }

    // For short work on the store alone, which cannot hang on a drive.
    bool try_take() {
        const std::lock_guard lock(mutex_);
        return !std::exchange(taken_, true);
    }

    // What was taken without a ticket is given back without one. Nothing happens where the turn has been
    // taken away.
    void give_back(const std::shared_ptr<ImportTicket>& ticket = nullptr) {
        {
            const std::lock_guard lock(mutex_);
            if (holder_ != ticket) return;
            taken_ = brief_ = false;
            holder_ = nullptr;
        }
        free_.notify_one();
        on_free_();
    }

    // Makes the ticket void, and ends its turn if it is on. False: a change is being made with it at this
    // moment, so ask again later. Waits for nothing.
    bool take_away(const std::shared_ptr<ImportTicket>& ticket) {
        {
            const std::unique_lock acting(ticket->mutex_, std::try_to_lock);
            if (!acting) return false;
            ticket->void_ = true;
        }
        give_back(ticket);
        return true;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable_any free_;
    bool taken_ = false;
    bool brief_ = false;
    std::shared_ptr<ImportTicket> holder_;
    std::function<void()> on_free_;
};

}  // namespace wcmp::node
