#include "node/shown_drive.h"

namespace wcmp::node {

ShownDrive::ShownDrive(EventLog& events, const drives::DriveAdded& drive) : events_(events) {
    info_.id = "d" + std::to_string(drive.id.number);
    info_.kind = drives::to_string(drive.kind);
    info_.file_system = drives::to_string(drive.file_system);
    info_.state = drives::to_string(drive.readiness);
    events_.add(event("drive.added")
                    .word("kind", info_.kind)
                    .word("filesystem", info_.file_system)
                    .word("state", info_.state));
}

// What a person can do about a drive that hangs: nobody takes a directory out.
Ending ShownDrive::silence() const {
    const bool is_directory = info_.kind == drives::to_string(drives::Kind::directory);
    return is_directory ? Ending::directory_silent : Ending::not_answering;
}

EventText ShownDrive::event(std::string_view type) const {
    return EventText(type).word("drive", info_.id);
}

void ShownDrive::file_system_is(drives::FileSystemKind kind) {
    info_.file_system = drives::to_string(kind);
}

void ShownDrive::readiness_is(drives::Readiness readiness) {
    in_use_.reset();
    info_.state = drives::to_string(readiness);
    info_.result.reset();
    events_.add(event("drive.state").word("state", info_.state));
}

void ShownDrive::visit_begins() {
    in_use_.reset();
    told_.reset();
    info_.state = "busy";
    info_.phase = phase_name(sync::Phase::reading);
    info_.done_bytes = info_.total_bytes = 0;
}

void ShownDrive::visit_is_at(const sync::Progress& progress, Time now) {
    const bool same_phase = info_.phase == phase_name(progress.phase);
    info_.phase = phase_name(progress.phase);
    info_.done_bytes = progress.done_bytes;
    info_.total_bytes = progress.total_bytes;
    const bool too_soon = told_ && now - *told_ < between_progress_events;
    const bool is_last = progress.phase == sync::Phase::releasing && !same_phase;
    if (removed_ || (too_soon && !is_last)) return;
    told_ = now;
    events_.add(event("drive.syncing")
                    .word("phase", info_.phase)
                    .number("done_bytes", progress.done_bytes)
                    .number("total_bytes", progress.total_bytes));
}

void ShownDrive::visit_ended(const VisitReport& report, Asked asked) {
    info_.result.reset();
    if (report.still_in_use) return is_in_use(report, asked);
    if (report.end == VisitReport::End::removed) {  // the source says so too, sooner or later
        info_.state = "waiting";
        return;
    }
    if (report.end == VisitReport::End::unprepared) return is_unprepared();
    info_.result = drive_result(report.result, report.error);
    const bool was_ended = report.error && report.error->code == Errc::cancelled;
    if (was_ended && report.used_up)
        say(*info_.result, Ending::read_too_much);
    else if (was_ended && asked == Asked::too_long)
        say(*info_.result, Ending::took_too_long);
    else if (was_ended && asked == Asked::silent)
        say(*info_.result, silence());
    // Whoever asked for the drive gets it: it is released.
    const bool as_wanted = was_ended && asked == Asked::wanted && !report.used_up;
    tell_end(report.end == VisitReport::End::done || as_wanted ? "done" : "failed");
}

void ShownDrive::is_in_use(const VisitReport& report, Asked asked) {
    in_use_ = InUse{report, asked};
    info_.result = drive_result(report.result, report.error);
    say(*info_.result, Ending::still_in_use);
    tell_end("failed");
}

void ShownDrive::is_unprepared() {
    info_.state = "unprepared";
    events_.add(event("drive.failed")
                    .word("code", "unprepared")
                    .word("detail", "the drive has no folder for messages; prepare it first"));
}

void ShownDrive::freed() {
    if (!in_use_) return;
    auto [report, asked] = *std::exchange(in_use_, std::nullopt);
    report.still_in_use = false;
    visit_ended(report, asked);
}

void ShownDrive::does_not_answer() {
    info_.result = DriveInfo::Result{};
    say(*info_.result, silence());
    tell_end("failed");
}

void ShownDrive::tell_end(std::string_view state) {
    info_.state = state;
    auto text = event(state == "done" ? "drive.done" : "drive.failed");
    if (!info_.result->error_code.empty())
        text.word("code", info_.result->error_code).word("detail", info_.result->error_detail);
    append_counts(text, *info_.result);
    events_.add(text);
}

void ShownDrive::removed() {
    removed_ = true;
    info_.state = "removed";
    events_.add(event("drive.removed"));
}

}  // namespace wcmp::node
