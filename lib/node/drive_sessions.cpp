#include "node/drive_sessions.h"

#include "node/drive_result.h"

#include <algorithm>

namespace wcmp::node {

namespace {

EventText drive_event(std::string_view type, const DriveInfo& info) {
    return EventText(type).word("drive", info.id);
}

}  // namespace

void DriveSessions::added(const drives::DriveAdded& drive, drives::Source& source, Time now) {
    Session session;
    session.info.id = "d" + std::to_string(drive.id.number);
    session.info.kind = drives::to_string(drive.kind);
    session.info.file_system = drives::to_string(drive.file_system);
    session.info.state = "waiting";
    session.source = &source;
    session.kind = drive.kind;
    session.shared = drive.shared;
    session.due = now;
    events_.add(drive_event("drive.added", session.info)
                    .word("kind", session.info.kind)
                    .word("filesystem", session.info.file_system));
    sessions_[drive.id] = std::move(session);
}

// Never before a minute has passed since the last visit began; the earlier of two reasons counts.
void DriveSessions::due_at(Session& session, Time time) {
    if (session.started) time = std::max(time, *session.started + between_visits);
    session.due = session.due ? std::min(*session.due, time) : time;
}

void DriveSessions::changed(drives::DriveId id, Time now) {
    const auto found = sessions_.find(id);
    if (found != sessions_.end() && !found->second.gone) due_at(found->second, now);
}

void DriveSessions::removed(drives::DriveId id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second.gone) return;
    auto& session = found->second;
    session.gone = true;
    session.due.reset();
    session.info.state = "removed";
    session.stop.request_stop();
    events_.add(drive_event("drive.removed", session.info));
    if (!session.busy) sessions_.erase(found);
}

void DriveSessions::store_changed(Time now, std::optional<drives::DriveId> brought_by) {
    for (auto& [id, session] : sessions_) {
        const auto wants = session.kind == drives::Kind::directory && !session.gone && id != brought_by;
        if (wants) due_at(session, now + after_store_change);
    }
}

std::vector<DriveSessions::Start> DriveSessions::start_due(Time now) {
    std::vector<Start> starts;
    auto running = busy();
    for (auto& [id, session] : sessions_) {
        if (stopped_ || running == visits_at_once_max) break;
        if (session.busy || !session.due || *session.due > now) continue;
        session.due.reset();
        session.started = now;
        session.busy = true;
        session.info.state = "busy";
        session.info.phase = phase_name(sync::Phase::reading);
        session.info.done_bytes = session.info.total_bytes = 0;
        session.told.reset();
        starts.push_back({id, session.source, session.shared, session.stop.get_token()});
        ++running;
    }
    return starts;
}

std::optional<DriveSessions::Time> DriveSessions::next_due() const {
    std::optional<Time> next;
    if (stopped_ || busy() == visits_at_once_max) return next;
    for (const auto& [id, session] : sessions_)
        if (!session.busy && session.due && (!next || *session.due < *next)) next = session.due;
    return next;
}

void DriveSessions::progress(drives::DriveId id, const sync::Progress& progress, Time now) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || !found->second.busy) return;
    auto& session = found->second;
    session.info.phase = phase_name(progress.phase);
    session.info.done_bytes = progress.done_bytes;
    session.info.total_bytes = progress.total_bytes;
    if (session.gone || (session.told && now - *session.told < between_progress_events)) return;
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
    session.busy = false;
    session.info.phase = {};
    if (session.gone) {
        sessions_.erase(found);
        return;
    }
    const auto ended_badly = report.end != VisitReport::End::done && session.kind == drives::Kind::directory;
    if (ended_badly && !stopped_) due_at(session, now + after_failure);
    if (report.result.others_at_work && !stopped_) due_at(session, now);
    show_end(session, report);
}

void DriveSessions::show_end(Session& session, const VisitReport& report) {
    auto& info = session.info;
    switch (report.end) {
    case VisitReport::End::unprepared:
        info.state = "unprepared";
        info.result.reset();
        events_.add(drive_event("drive.failed", info)
                        .word("code", "unprepared")
                        .word("detail", "the drive has no folder for messages; prepare it first"));
        return;
    case VisitReport::End::removed:  // the source says so too, sooner or later
        info.state = "waiting";
        info.result.reset();
        return;
    case VisitReport::End::done: info.state = "done"; break;
    case VisitReport::End::failed: info.state = "failed"; break;
    }
    info.result = drive_result(report.result, report.error);
    EventText event = drive_event(report.error ? "drive.failed" : "drive.done", info);
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
    return static_cast<std::size_t>(
        std::ranges::count_if(sessions_, [](const auto& entry) { return entry.second.busy; }));
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
