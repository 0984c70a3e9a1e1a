#include "node/drive_sessions.h"

#include "node/failure.h"

#include <algorithm>

namespace wcmp::node {

using drives::Kind;
using drives::Readiness;

namespace {

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
        if (session.shown.info().id == name) return session.gone ? nullptr : &session;
    return nullptr;
}

void DriveSessions::added(const drives::DriveAdded& drive, drives::Source& source, Time now) {
    const bool is_ready = drive.readiness == Readiness::ready;
    sessions_.emplace(drive.id, Session{.shown = ShownDrive(events_, drive),
                                        .source = &source,
                                        .kind = drive.kind,
                                        .readiness = drive.readiness,
                                        .shared = drive.shared,
                                        .carrier = drive.carrier,
                                        .due = is_ready ? std::optional(now) : std::nullopt});
}

// Once it is done, it stays so while somebody else mounts it and lets it go again: it was visited. What
// becomes empty in between is another drive.
void DriveSessions::readiness(const drives::DriveReadiness& drive, Time now) {
    auto* const session = find(drive.id);
    if (session == nullptr) return;
    session->shown.file_system_is(drive.file_system);
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
    if (session->busy || (passing && session->shown.state() == "done")) return;
    show_readiness(*session);
    if (drive.readiness == Readiness::ready) due_at(*session, now);
}

void DriveSessions::show_readiness(Session& session) {
    session.due.reset();
    session.tidying = {};
    session.shown.readiness_is(session.readiness);
}

// Never before a minute has passed since the last visit began; the earlier of two reasons counts.
void DriveSessions::due_at(Session& session, Time time) {
    if (session.held_back || session.silent) return;
    if (session.started) time = std::max(time, *session.started + between_visits);
    session.due = session.due ? std::min(*session.due, time) : time;
}

void DriveSessions::changed(drives::DriveId id, Time now) {
    auto* const session = find(id);
    if (session == nullptr || session->readiness != Readiness::ready) return;
    session->changed = session->busy;
    const bool may_be_prepared_now = session->shown.state() == "unprepared";
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
    session.shown.visit_stops();
    if (session.asked == Asked::gone) return;  // whoever says so shows what is there instead
    session.shown.visit_ended(
        {.end = VisitReport::End::failed,
         .error = Error{Errc::cancelled, "the drive was wanted before its visit began"}},
        session.asked);
}

void DriveSessions::freed(drives::DriveId id) {
    auto* const session = find(id);
    if (session == nullptr) return;
    session->freed = session->busy;
    session->shown.freed();
}

void DriveSessions::answers(const drives::DriveAnswers& drive, Time now) {
    auto* const session = find(drive.id);
    if (session == nullptr || session->silent != drive.answers) return;
    session->silent = !drive.answers;
    if (session->busy) return;
    if (session->silent) return show_silence(*session);
    show_readiness(*session);
    if (session->readiness == Readiness::ready) due_at(*session, now);
}

void DriveSessions::show_silence(Session& session) {
    session.due.reset();
    session.shown.does_not_answer();
}

void DriveSessions::removed(drives::DriveId id, Time now) {
    auto* const session = find(id);
    if (session == nullptr) return;
    session->gone = true;
    session->due.reset();
    ask_to_end(*session, Asked::gone, now);
    session->shown.removed();
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
    if (session->silent) return busy_failure("the directory does not answer");
    if (session->readiness != Readiness::ready)
        return busy_failure("the drive is not ready: it is " + std::string(session->shown.state()));
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
        if (session.busy || !next || *next > now || !may_begin(session)) continue;
        const bool tidies = !session.due || *session.due > now;
        (tidies ? begin_tidying : begin)(session, now);
        starts.push_back({id, session.source, session.shared, session.stop, session.pulse, tidies,
                          may_displace(session, now), session.kind});
        ++running;
    }
    return starts;
}

// What is plugged in anew is visited once.
bool DriveSessions::may_displace(const Session& session, Time now) {
    const bool is_directory = session.kind == Kind::directory;
    return !is_directory || !session.displaced || now - *session.displaced >= between_displacements;
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
    session.out = session.freed = session.changed = false;
    session.shown.visit_begins();
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
    found->second.shown.visit_is_at(progress, now);
}

void DriveSessions::finished(drives::DriveId id, const VisitReport& report, Time now) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    auto& session = found->second;
    const bool came_too_late = std::exchange(session.left_alone, false);
    session.busy = session.out = false;
    session.shown.visit_stops();
    session.end_by.reset();
    if (report.result.displaced_bundles > 0) session.displaced = now;
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
    if (told.end == VisitReport::End::unprepared) {
        session.started.reset();  // it read and wrote nothing: once it is prepared nobody waits
        if (session.changed && !stopped_) due_at(session, now);
    }
    if (!came_too_late) show_end(session, told);
    if (session.silent) return show_silence(session);
    const bool stays_done = session.shown.state() == "done" && session.readiness == Readiness::waiting;
    if (session.readiness != Readiness::ready && !stays_done) show_readiness(session);
}

void DriveSessions::show_end(Session& session, VisitReport report) {
    if (session.freed) report.still_in_use = false;  // it was said before the visit came back
    session.shown.visit_ended(report, session.asked);
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

bool DriveSessions::may_begin(const Session& session) const {
    if (session.carrier == 0) return true;
    const auto visited = std::ranges::count_if(sessions_, [&](const auto& entry) {
        const auto& other = entry.second;
        return other.busy && other.source == session.source && other.carrier == session.carrier;
    });
    return static_cast<std::size_t>(visited) < visits_per_carrier_max;
}

bool DriveSessions::directory_silent() const {
    return std::ranges::any_of(sessions_, [](const auto& entry) {
        const auto& session = entry.second;
        return session.kind == Kind::directory && !session.gone && (session.silent || session.left_alone);
    });
}

bool DriveSessions::damage_left() const {
    return std::ranges::any_of(sessions_, [](const auto& entry) {
        const auto& [id, session] = entry;
        const auto& result = session.shown.info().result;
        return !session.gone && result && result->damaged_left > 0;
    });
}

std::vector<DriveInfo> DriveSessions::infos() const {
    std::vector<DriveInfo> infos;
    infos.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) infos.push_back(session.shown.info());
    return infos;
}

bool DriveSessions::may_be_adopted(drives::DriveId id) const {
    const auto found = sessions_.find(id);
    return found != sessions_.end() && found->second.kind != drives::Kind::desktop;
}

}  // namespace wcmp::node
