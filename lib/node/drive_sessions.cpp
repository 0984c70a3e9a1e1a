#include "node/drive_sessions.h"

#include "node/drive_result.h"
#include "node/failure.h"

#include <algorithm>

namespace wcmp::node {

using drives::Kind;
using drives::Readiness;

namespace {

EventText drive_event(std::string_view type, const DriveInfo& info) {
    return EventText(type).word("drive", info.id);
}

std::unexpected<Failure> busy_failure(std::string detail) {
    return std::unexpected(Failure{.code = Errc::busy, .detail = std::move(detail)});
}

}  // namespace

DriveSessions::Session* DriveSessions::find(drives::DriveId id) {
    const auto found = sessions_.find(id);
    return found == sessions_.end() || found->second.gone ? nullptr : &found->second;
}

DriveSessions::Session* DriveSessions::find(std::string_view name) {
    for (auto& [id, session] : sessions_)
        if (session.info.id == name) return session.gone ? nullptr : &session;
    return nullptr;
}

void DriveSessions::added(const drives::DriveAdded& drive, drives::Source& source, Time now) {
    Session session;
    session.info.id = "d" + std::to_string(drive.id.number);
    session.info.kind = drives::to_string(drive.kind);
    session.info.file_system = drives::to_string(drive.file_system);
    session.info.state = drives::to_string(drive.readiness);
    session.source = &source;
    session.kind = drive.kind;
    session.shared = drive.shared;
    session.readiness = drive.readiness;
    if (drive.readiness == Readiness::ready) session.due = now;
    events_.add(drive_event("drive.added", session.info)
                    .word("kind", session.info.kind)
                    .word("filesystem", session.info.file_system)
                    .word("state", session.info.state));
    sessions_[drive.id] = std::move(session);
}

// Once it is done, it stays so while somebody else mounts it and lets it go again: it was visited. What
// becomes empty in between is another drive.
void DriveSessions::readiness(const drives::DriveReadiness& drive, Time now) {
    auto* const session = find(drive.id);
    if (session == nullptr) return;
    session->info.file_system = drives::to_string(drive.file_system);
    const auto before = std::exchange(session->readiness, drive.readiness);
    if (before == drive.readiness) return;
    const bool other_medium = before == Readiness::empty || drive.readiness == Readiness::empty;
    if (other_medium) {
        session->started.reset();
        ask_to_end(*session, Asked::gone, now);
        session->exchanged = session->busy;
    }
    const bool let_go = before == Readiness::waiting && drive.readiness == Readiness::ready;
    const bool passing = !other_medium && (let_go || drive.readiness == Readiness::waiting);
    if (session->busy || (passing && session->info.state == "done")) return;
    show_readiness(*session);
    if (drive.readiness == Readiness::ready) due_at(*session, now);
}

void DriveSessions::show_readiness(Session& session) {
    session.due.reset();
    session.tidying = {};
    session.in_use.reset();
    session.info.state = drives::to_string(session.readiness);
    session.info.result.reset();
    events_.add(drive_event("drive.state", session.info).word("state", session.info.state));
}

// Never before a minute has passed since the last visit began; the earlier of two reasons counts.
void DriveSessions::due_at(Session& session, Time time) {
    if (session.held_back) return;
    if (session.started) time = std::max(time, *session.started + between_visits);
    session.due = session.due ? std::min(*session.due, time) : time;
}

void DriveSessions::changed(drives::DriveId id, Time now) {
    auto* const session = find(id);
    if (session == nullptr || session->readiness != Readiness::ready) return;
    const bool may_be_prepared_now = session->info.state == "unprepared";
    if (session->kind == Kind::directory || may_be_prepared_now) due_at(*session, now);
}

void DriveSessions::wanted(drives::DriveId id, Time now) {
    auto* const session = find(id);
    if (session == nullptr) return;
    session->due.reset();
    session->tidying.put_off();
    ask_to_end(*session, Asked::wanted, now);
}

// What only waits for its release is on its way to its end already; what still writes out is not.
void DriveSessions::ask_to_end(Session& session, Asked why, Time now) {
    if (!session.busy) return;
    const bool asked = session.asked != Asked::not_yet && why != Asked::gone;
    if (asked || (session.pulse->resting && why == Asked::wanted)) return;
    session.asked = why;
    session.stop.request_stop();
    if (session.out)
        session.end_by = now + to_answer;
    else
        end_before_it_began(session);
}

void DriveSessions::end_before_it_began(Session& session) {
    session.busy = false;
    session.info.phase = {};
    if (session.asked == Asked::gone) return;  // whoever says so shows what is there instead
    show_end(session, {.end = VisitReport::End::failed,
                       .error = Error{Errc::cancelled, "the drive was wanted before its visit began"}});
}

void DriveSessions::freed(drives::DriveId id) {
    auto* const session = find(id);
    if (session == nullptr) return;
    session->freed = session->busy;
    if (!session->in_use) return;
    auto report = *std::exchange(session->in_use, std::nullopt);
    report.still_in_use = false;
    show_end(*session, report);
}

void DriveSessions::removed(drives::DriveId id, Time now) {
    auto* const session = find(id);
    if (session == nullptr) return;
    session->gone = true;
    session->due.reset();
    session->info.state = "removed";
    ask_to_end(*session, Asked::gone, now);
    events_.add(drive_event("drive.removed", session->info));
    if (!session->busy) sessions_.erase(id);
}

void DriveSessions::store_changed(Time now, std::optional<drives::DriveId> brought_by) {
    for (auto& [id, session] : sessions_) {
        const auto wants = session.kind == Kind::directory && !session.gone && id != brought_by;
        if (wants) due_at(session, now + after_store_change);
    }
}

Outcome<void> DriveSessions::sync(std::string_view name, Time now) {
    auto* const session = find(name);
    if (session == nullptr)
        return std::unexpected(Failure{.code = Errc::not_found, .detail = "no such drive"});
    if (stopped_) return std::unexpected(stopping());
    if (session->left_alone) return busy_failure("the drive does not answer: take it out");
    if (session->busy) return busy_failure("the drive is being synced");
    if (session->readiness != Readiness::ready)
        return busy_failure("the drive is not ready: it is " + std::string(session->info.state));
    session->held_back = false;
    session->due = now;
    return {};
}

Outcome<void> DriveSessions::release(std::string_view name, Time now) {
    auto* const session = find(name);
    if (session == nullptr)
        return std::unexpected(Failure{.code = Errc::not_found, .detail = "no such drive"});
    if (session->left_alone) return busy_failure("the drive does not answer: it cannot be released");
    session->held_back = session->kind == Kind::directory;
    session->due.reset();
    session->tidying.put_off();
    ask_to_end(*session, Asked::wanted, now);
    return {};
}

std::vector<DriveSessions::Start> DriveSessions::start_due(Time now) {
    keep_time(now);
    std::vector<Start> starts;
    auto running = at_work();
    for (auto& [id, session] : sessions_) {
        if (stopped_ || running >= visits_at_once_max) break;
        const auto next = next_of(session);
        if (session.busy || !next || *next > now) continue;
        const bool tidies = !session.due || *session.due > now;
        (tidies ? begin_tidying : begin)(session, now);
        starts.push_back({id, session.source, session.shared, session.stop, session.pulse, tidies});
        ++running;
    }
    return starts;
}

void DriveSessions::begin(Session& session, Time now) {
    session.due.reset();
    session.tidying.put_off();
    session.started = now;
    session.end_by.reset();
    session.asked = Asked::not_yet;
    session.stop = std::stop_source();
    session.pulse = std::make_shared<drives::Pulse>();
    session.beats = 0;
    session.busy = true;
    session.out = session.freed = false;
    session.in_use.reset();
    session.info.state = "busy";
    session.info.phase = phase_name(sync::Phase::reading);
    session.info.done_bytes = session.info.total_bytes = 0;
    session.told.reset();
}

bool DriveSessions::sets_out(const Start& start, Time now, Time longest) {
    auto* const session = find(start.id);
    const bool is_meant = session != nullptr && session->busy && session->pulse == start.pulse;
    if (stopped_ || !is_meant || session->out) return false;
    session->out = true;
    session->started = session->moved = now;
    session->end_by = now + longest;
    return true;
}

void DriveSessions::progress(drives::DriveId id, const sync::Progress& progress, Time now) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || !found->second.busy || found->second.left_alone) return;
    auto& session = found->second;
    const bool same_phase = session.info.phase == phase_name(progress.phase);
    session.info.phase = phase_name(progress.phase);
    session.info.done_bytes = progress.done_bytes;
    session.info.total_bytes = progress.total_bytes;
    const bool too_soon = session.told && now - *session.told < between_progress_events;
    const bool is_last = progress.phase == sync::Phase::releasing && !same_phase;
    if (session.gone || (too_soon && !is_last)) return;
    session.told = now;
    events_.add(drive_event("drive.syncing", session.info)
                    .word("phase", session.info.phase)
                    .number("done_bytes", progress.done_bytes)
                    .number("total_bytes", progress.total_bytes));
}

void DriveSessions::finished(drives::DriveId id, const VisitReport& report, Time now) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    auto& session = found->second;
    const bool came_too_late = std::exchange(session.left_alone, false);
    session.busy = session.out = false;
    session.info.phase = {};
    session.end_by.reset();
    if (session.gone) {
        sessions_.erase(found);
        return;
    }
    const auto told = session.tidying.ended(report, session.kind, now);
    if (session.asked == Asked::wanted) session.tidying.put_off();
    if (std::exchange(session.exchanged, false)) {
        show_readiness(session);
        if (session.readiness == Readiness::ready && !stopped_) due_at(session, now);
        return;
    }
    const auto ended_badly = told.end != VisitReport::End::done && session.kind == Kind::directory;
    if (ended_badly && !stopped_) due_at(session, now + after_failure);
    if (told.result.others_at_work && !stopped_) due_at(session, now);
    if (!came_too_late) show_end(session, told);
    const bool stays_done = session.info.state == "done" && session.readiness == Readiness::waiting;
    if (session.readiness != Readiness::ready && !stays_done) show_readiness(session);
}

void DriveSessions::show_in_use(Session& session, const VisitReport& report) {
    session.in_use = report;
    session.info.result = drive_result(report.result, report.error);
    say(*session.info.result, Ending::still_in_use);
    tell_end(session, "failed");
}

void DriveSessions::show_end(Session& session, const VisitReport& report) {
    auto& info = session.info;
    info.result.reset();
    if (report.still_in_use && !std::exchange(session.freed, false)) return show_in_use(session, report);
    if (report.end == VisitReport::End::removed) {  // the source says so too, sooner or later
        info.state = "waiting";
        return;
    }
    if (report.end == VisitReport::End::unprepared) {
        info.state = "unprepared";
        events_.add(drive_event("drive.failed", info)
                        .word("code", "unprepared")
                        .word("detail", "the drive has no folder for messages; prepare it first"));
        return;
    }
    info.result = drive_result(report.result, report.error);
    const bool was_ended = report.error && report.error->code == Errc::cancelled;
    if (was_ended && report.used_up)
        say(*info.result, Ending::read_too_much);
    else if (was_ended && session.asked == Asked::too_long)
        say(*info.result, Ending::took_too_long);
    else if (was_ended && session.asked == Asked::silent)
        say(*info.result, Ending::not_answering);
    // Whoever asked for the drive gets it: it is released.
    const bool as_wanted = was_ended && session.asked == Asked::wanted && !report.used_up;
    tell_end(session, report.end == VisitReport::End::done || as_wanted ? "done" : "failed");
}

void DriveSessions::tell_end(Session& session, std::string_view state) {
    auto& info = session.info;
    info.state = state;
    EventText event = drive_event(state == "done" ? "drive.done" : "drive.failed", info);
    if (!info.result->error_code.empty())
        event.word("code", info.result->error_code).word("detail", info.result->error_detail);
    append_counts(event, *info.result);
    events_.add(event);
}

void DriveSessions::stop() {
    stopped_ = true;
    for (auto& [id, session] : sessions_) session.stop.request_stop();
}

std::size_t DriveSessions::busy() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        sessions_, [](const auto& entry) { return entry.second.busy && !entry.second.left_alone; }));
}

std::size_t DriveSessions::left_alone() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sessions_, [](const auto& entry) { return entry.second.left_alone; }));
}

std::size_t DriveSessions::at_work() const {
    const auto idle_threads = left_alone();
    return busy() + idle_threads - std::min(idle_threads, left_alone_max);
}

bool DriveSessions::damage_left() const {
    return std::ranges::any_of(sessions_, [](const auto& entry) {
        const auto& [id, session] = entry;
        return !session.gone && session.info.result && session.info.result->damaged_left > 0;
    });
}

std::vector<DriveInfo> DriveSessions::infos() const {
    std::vector<DriveInfo> infos;
    infos.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) infos.push_back(session.info);
    return infos;
}

bool DriveSessions::may_be_adopted(drives::DriveId id) const {
    const auto found = sessions_.find(id);
    return found != sessions_.end() && found->second.kind != drives::Kind::desktop;
}

}  // namespace wcmp::node
