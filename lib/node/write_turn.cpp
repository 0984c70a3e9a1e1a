#include "node/write_turn.h"

#include <algorithm>

namespace wcmp::node {

Result<void> WriteTurn::take(const std::stop_token& stop, std::shared_ptr<ImportTicket> ticket) {
    std::unique_lock lock(mutex_);
    const auto place = next_place_++;
    queue_.push_back(place);
    if (!free_.wait(lock, stop, [&] { return is_next(place); })) {
        lock.unlock();
        leave(place);
        return fail(Errc::cancelled, "stopped while another wrote the store");
    }
    queue_.pop_front();
    taken_ = true;
    holder_ = std::move(ticket);
    return {};
}

Result<void> WriteTurn::take_briefly(const std::stop_token& stop) {
    WCMP_TRY(take(stop, nullptr));
    const std::lock_guard lock(mutex_);
    brief_ = true;
    return {};
}

bool WriteTurn::try_take(ShortWork work) {
    const std::lock_guard lock(mutex_);
    const auto place = place_of(work);
    const bool is_noted = std::ranges::find(queue_, place) != queue_.end();
    if (!is_noted && !taken_ && queue_.empty()) {
        taken_ = true;
    } else if (is_next(place)) {
        queue_.pop_front();
        taken_ = true;
    } else {
        if (!is_noted && takes_notes_) queue_.push_back(place);
        return false;
    }
    return true;
}

void WriteTurn::forget(ShortWork work) {
    leave(place_of(work));
}

void WriteTurn::forget_all() {
    {
        const std::lock_guard lock(mutex_);
        takes_notes_ = false;
    }
    for (Place place = 0; place < short_works; ++place) leave(place);
}

bool WriteTurn::is_held_briefly() const {
    const std::lock_guard lock(mutex_);
    return taken_ ? brief_ : !queue_.empty() && queue_.front() < short_works;
}

std::size_t WriteTurn::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void WriteTurn::give_back(const std::shared_ptr<ImportTicket>& ticket) {
    {
        const std::lock_guard lock(mutex_);
        if (holder_ != ticket) return;
        taken_ = brief_ = false;
        holder_ = nullptr;
    }
    hand_on();
}

bool WriteTurn::take_away(const std::shared_ptr<ImportTicket>& ticket) {
    {
        const std::unique_lock acting(ticket->mutex_, std::try_to_lock);
        if (!acting) return false;
        ticket->void_ = true;
    }
    give_back(ticket);
    return true;
}

// Who comes after it must not wait for it.
void WriteTurn::leave(Place place) {
    bool was_next = false;
    {
        const std::lock_guard lock(mutex_);
        was_next = is_next(place);
        std::erase(queue_, place);
    }
    if (was_next) hand_on();
}

void WriteTurn::hand_on() {
    free_.notify_all();
    on_free_();
}

}  // namespace wcmp::node
