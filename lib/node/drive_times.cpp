// What is due next, and what becomes of visits that take too long.
#include "node/drive_sessions.h"

#include <algorithm>

namespace wcmp::node {

// Somebody may have mounted a drive that is done, or want it: then it is let be.
std::optional<DriveSessions::Time> DriveSessions::next_of(const Session& session) {
    const auto tidying = session.tidying.due();
    const bool may_be_tidied = session.shown.state() == "done" && !session.held_back && !session.gone &&
                               session.readiness == drives::Readiness::ready;
    if (!tidying || !may_be_tidied) return session.due;
    return session.due ? std::min(*session.due, *tidying) : tidying;
}

// A visit that is due later stays due.
void DriveSessions::begin_tidying(Session& session, Time now) {
    const auto due = session.due;
    begin(session, now);
    session.due = due;
    session.tidying.begin(now);
    session.shown.tidying_begins();
}

void DriveSessions::keep_time(Time now) {
    for (auto& [id, session] : sessions_) {
        if (!session.busy || session.left_alone || !session.end_by) continue;
        const bool over = now >= *session.end_by;
        if (session.asked != Asked::not_yet) {
            if (over) give_up(id, session);
        } else if (over) {
            ask_to_end(session, Asked::too_long, now);
        } else if (is_silent(session, now)) {
            ask_to_end(session, Asked::silent, now);
        }
    }
}

// It is looked at when it may have been silent for that long, so hanging is noticed within twice the time.
bool DriveSessions::is_silent(Session& session, Time now) {
    const auto beats = session.pulse->beats.load();
    if (beats != session.beats || session.pulse->resting) {
        session.beats = beats;
        session.moved = now;
    }
    return now - session.moved >= silence_max;
}

// The worker stays where it hangs; nobody waits for it any more.
void DriveSessions::give_up(drives::DriveId id, Session& session) {
    given_up_.push_back(id);
    session.left_alone = true;
    session.end_by.reset();
    session.shown.visit_stops();
    if (!session.gone) session.shown.does_not_answer();
}

std::optional<DriveSessions::Time> DriveSessions::next_due() const {
    std::optional<Time> next;
    const bool may_start = !stopped_ && at_work() < visits_at_once_max;
    for (const auto& [id, session] : sessions_) {
        auto time = session.busy ? session.end_by : next_of(session);
        const bool may_fall_silent = session.busy && session.asked == Asked::not_yet;
        if (time && may_fall_silent) time = std::min(*time, session.moved + silence_max);
        if (!time || (next && *time >= *next)) continue;
        const bool counts = session.busy ? !session.left_alone : may_start && may_begin(session);
        if (counts) next = time;
    }
    return next;
}

}  // namespace wcmp::node
