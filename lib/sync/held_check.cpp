#include "sync/held_check.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

class HeldReading {
public:
    explicit HeldReading(const HeldCheck& check) : check_(check) {
        sources_ = check.store;
        sources_.insert(sources_.end(), check.drive.begin(), check.drive.end());
        held_.messages.assign(check.drive.size(), 0);
        held_.covering.assign(check.store.size(), false);
    }

    Result<Held> run(const std::stop_token& stop) {
        bundle::Join join(sources_, check_.buffer_bytes);
        for (;;) {
            if (stop.stop_requested()) return fail(Errc::cancelled, "the visit was abandoned");
            WCMP_ASSIGN(const auto copies, join.next());
            if (copies.empty()) break;
            look_at(copies);
        }
        // An index of the drive that tells less than at first, or something else, tells nothing.
        for (const auto bad : {join.bad_sources(), join.unreadable_sources()})
            for (const auto source : bad)
                if (source >= check_.store.size()) give_up(source);
        return std::move(held_);
    }

private:
    void look_at(std::span<const bundle::Copy> copies) {
        const auto split = std::ranges::find_if(
            copies, [&](const auto& copy) { return copy.source >= check_.store.size(); });
        const auto ours = copies.first(static_cast<std::size_t>(split - copies.begin()));
        for (const auto& copy : copies.subspan(ours.size())) {
            if (!is_live(copy.entry) || !messages_of(copy.source)) continue;
            if (is_given(ours, copy.entry))
                ++*messages_of(copy.source);
            else
                give_up(copy.source);
        }
    }

    bool is_live(const bundle::Entry& entry) const {
        const auto verdict = message::admit(entry.key.day, entry.length, check_.admission, check_.today);
        return entry.length >= limits::opaque_message_bytes_min && verdict != message::Verdict::expired &&
               verdict != message::Verdict::horizon;
    }

    // One good copy is enough.
    bool is_given(std::span<const bundle::Copy> ours, const bundle::Entry& wanted) {
        if (check_.retention.evicts(wanted.key.id)) return false;
        for (const auto& copy : ours) {
            if (copy.entry.length != wanted.length) continue;
            if (!check_.store[copy.source]->read_message(copy.entry, identifier_, buffer_)) continue;
            held_.covering[copy.source] = true;
            if (check_.told) check_.told(wanted.length);
            return true;
        }
        return false;
    }

    std::optional<std::uint64_t>& messages_of(std::uint32_t source) {
        return held_.messages[source - check_.store.size()];
    }
    void give_up(std::uint32_t source) { messages_of(source).reset(); }

    const HeldCheck& check_;
    Readers sources_;
    Held held_;
    message::Identifier identifier_;
    Bytes buffer_;
};

}  // namespace

Result<Held> check_held(const HeldCheck& check, const std::stop_token& stop) {
    return HeldReading(check).run(stop);
}

}  // namespace wcmp::sync
