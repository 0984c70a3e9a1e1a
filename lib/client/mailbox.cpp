#include "client/mailbox.h"

#include "client/own_messages.h"

#include <algorithm>

namespace wcmp::client {
namespace {

// Refused for what the message is, not for the moment's sake.
bool is_final(Errc code) {
    return code == Errc::invalid || code == Errc::refused || code == Errc::too_large || code == Errc::expired;
}

}  // namespace

Result<Day> Mailbox::today() {
    WCMP_ASSIGN(const auto now, relay_.today());
    auto& day = vault_.profile().day;
    day = std::max(day, now.day);
    return day;
}

Result<void> Mailbox::ask_for_latest() {
    auto folded = relay_.fold();
    if (!folded && folded.error().code == Errc::remote) return folded;
    return {};
}

Result<Exchanged> Mailbox::exchange() {
    WCMP_ASSIGN(const Day day, today());
    Exchanged done;
    WCMP_TRY(receive(day, done));
    WCMP_TRY(send_again(day, done));
    vault_.profile().seen.forget(day);
    WCMP_TRY(vault_.save());
    return done;
}

// The cursor is saved with the letters before it, page after page.
Result<void> Mailbox::receive(Day today, Exchanged& done) {
    OwnMessages own(vault_, relay_, today);
    auto& cursor = vault_.profile().cursor;
    bool started_again = false;
    for (;;) {
        const auto page = relay_.recognition(cursor, 0);
        if (!page && page.error().code == Errc::expired && !started_again) {
            started_again = true;
            cursor.clear();
            continue;
        }
        if (!page) return std::unexpected(page.error());
        if (!page->records.empty() && page->cursor == cursor)
            return fail(Errc::remote, "the relay's cursor does not move");
        const auto before = done.received.size();
        WCMP_TRY(own.take(page->records, done.received));
        cursor = page->cursor;
        if (page->records.empty()) return {};
        if (done.received.size() > before) WCMP_TRY(vault_.save());
    }
}

Result<void> Mailbox::send_again(Day today, Exchanged& done) {
    std::vector<std::uint32_t> dead;
    for (const auto& letter : vault_.profile().letters) {
        if (letter.kind != LetterKind::sent) continue;
        if (letter.expires <= today) {
            dead.push_back(letter.number);
            continue;
        }
        WCMP_ASSIGN(const bool there, relay_.holds(letter.id));
        if (there) continue;
        WCMP_ASSIGN(const auto message, vault_.content(letter));
        const auto taken = relay_.enqueue(message);
        if (!taken && taken.error().code == Errc::remote) return taken;
        ++(taken ? done.sent_again : done.not_taken);
    }
    for (const auto number : dead) vault_.remove_letter(number);
    done.forgotten = dead.size();
    return {};
}

Result<Mailbox::Sent> Mailbox::send(SealedLetter sealed) {
    WCMP_ASSIGN(const auto* const letter, vault_.add_letter(std::move(sealed.letter), sealed.message));
    const auto number = letter->number;
    WCMP_TRY(vault_.save());
    Sent sent{.kept = true, .enqueued = relay_.enqueue(sealed.message)};
    if (!sent.enqueued && is_final(sent.enqueued.error().code)) {
        sent.kept = false;
        vault_.remove_letter(number);
        WCMP_TRY(vault_.save());
    }
    return sent;
}

}  // namespace wcmp::client
