#include "client/mailbox.h"

#include "client/own_messages.h"

namespace wcmp::client {
namespace {

// Refused for what the message is, not for the moment's sake. A relay that calls a new message expired has a
// wrong day: another may take it.
bool is_final(Errc code) {
    return code == Errc::invalid || code == Errc::refused || code == Errc::too_large;
}

}  // namespace

Result<JudgedDay> Mailbox::today() {
    WCMP_ASSIGN(const auto now, relay_.today());
    auto& day = vault_.profile().day;
    judged_ = judge_day(now, clock_, day);
    relay_day_ = now.day;
    day = judged_.saved;
    return judged_;
}

Result<void> Mailbox::ask_for_latest() {
    auto folded = relay_.fold();
    if (!folded && folded.error().code == Errc::remote) return folded;
    return {};
}

Result<void> Mailbox::exchange(Exchanged& done) {
    WCMP_ASSIGN(const auto day, today());
    WCMP_TRY(receive(done));
    if (day.sure) forget(*day.sure, done);
    WCMP_TRY(send_all_again(done));
    return vault_.save();
}

// The cursor is saved with the letters before it, page after page.
Result<void> Mailbox::receive(Exchanged& done) {
    OwnMessages own(vault_, relay_, judged_.saved);
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

// What may still be delivered once more is remembered, too.
void Mailbox::forget(Day sure, Exchanged& done) {
    std::vector<std::uint32_t> dead;
    for (const auto& letter : vault_.profile().letters)
        if (letter.kind == LetterKind::sent && letter.expires <= sure) dead.push_back(letter.number);
    for (const auto number : dead) vault_.remove_letter(number);
    done.forgotten = dead.size();
    vault_.profile().seen.forget(sure);
}

Result<void> Mailbox::send_all_again(Exchanged& done) {
    for (const auto& letter : vault_.profile().letters)
        if (letter.kind == LetterKind::sent && letter.expires > judged_.today)
            WCMP_TRY(send_again(letter, done));
    return {};
}

// One file that is damaged stops nothing but its own letter.
Result<void> Mailbox::send_again(const Letter& letter, Exchanged& done) {
    WCMP_ASSIGN(const bool there, relay_.holds(letter.id));
    if (there) return {};
    const auto message = vault_.content(letter);
    if (!message) {
        done.damaged.push_back(letter.number);
        return {};
    }
    const auto taken = relay_.enqueue(*message);
    if (!taken && taken.error().code == Errc::remote) return taken;
    ++(taken ? done.sent_again : done.not_taken);
    return {};
}

Result<Mailbox::Sent> Mailbox::send(SealedLetter sealed) {
    WCMP_ASSIGN(const auto* const letter, vault_.add_letter(std::move(sealed.letter), sealed.message));
    Sent sent{.letter = *letter, .kept = true, .enqueued = {}};
    WCMP_TRY(vault_.save());
    sent.enqueued = relay_.enqueue(sealed.message);
    if (!sent.enqueued && is_final(sent.enqueued.error().code)) {
        sent.kept = false;
        vault_.remove_letter(sent.letter.number);
        WCMP_TRY(vault_.save());
    }
    return sent;
}

}  // namespace wcmp::client
