// A drive as people see it: in the API's list, and in the events about it.
#pragma once

#include "drives/source.h"
#include "node/drive_result.h"
#include "node/service.h"
#include "node/visit_job.h"

#include <chrono>
#include <optional>

namespace wcmp::node {

// Why a visit was asked to end.
enum class Asked : std::uint8_t { not_yet, wanted, too_long, silent, gone };

class ShownDrive {
public:
    using Time = std::chrono::nanoseconds;

    static constexpr Time between_progress_events = std::chrono::milliseconds(250);

    // Tells that it is there.
    ShownDrive(EventLog& events, const drives::DriveAdded& drive);

    const DriveInfo& info() const { return info_; }
    std::string_view state() const { return info_.state; }

    void file_system_is(drives::FileSystemKind kind);
    // As it is before its first visit: nothing is said of an earlier one any more.
    void readiness_is(drives::Readiness readiness);

    void visit_begins();
    void tidying_begins() { info_.phase = phase_name(sync::Phase::tidying); }
    void visit_is_at(const sync::Progress& progress, Time now);
    // Nobody visits it any more. What came of it is told by one of the next two.
    void visit_stops() { info_.phase = {}; }
    void visit_ended(const VisitReport& report, Asked asked);
    void does_not_answer();
    // What was still in use after its visit is so no more: it ends as the visit did.
    void freed();

    void removed();

private:
    Ending silence() const;
    EventText event(std::string_view type) const;
    void is_in_use(const VisitReport& report, Asked asked);
    void is_unprepared();
    void tell_end(std::string_view state);

    EventLog& events_;
    DriveInfo info_;
    std::optional<Time> told_{};  // when its progress was an event last
    bool removed_ = false;
    struct InUse {
        VisitReport report;
        Asked asked;
    };
    std::optional<InUse> in_use_{};  // of a visit that has ended on a drive that is not free yet
};

}  // namespace wcmp::node
