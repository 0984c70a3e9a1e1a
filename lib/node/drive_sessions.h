// The drives there are, from plugging in to safe removal, and when each is visited next
// (lib/bundle/BUNDLE.md, end of section 3). Does nothing itself: the node starts what is due.
#pragma once

#include "drives/source.h"
#include "node/event_log.h"
#include "node/visit_job.h"

#include <chrono>
#include <map>
#include <stop_token>

namespace wcmp::node {

class DriveSessions {
public:
    using Time = std::chrono::nanoseconds;  // of CLOCK_BOOTTIME

    static constexpr Time between_visits = std::chrono::seconds(60);
    static constexpr Time after_store_change = std::chrono::seconds(30);
    // A directory that could not be visited is tried again: nobody plugs it in anew.
    static constexpr Time after_failure = std::chrono::minutes(10);
    static constexpr Time between_progress_events = std::chrono::milliseconds(250);
    static constexpr std::size_t visits_at_once_max = 8;

    explicit DriveSessions(EventLog& events) : events_(events) {}

    void added(const drives::DriveAdded& drive, drives::Source& source, Time now);
    void changed(drives::DriveId id, Time now);
    void removed(drives::DriveId id);
    // Directories get what arrived; the drive that brought it has it already.
    void store_changed(Time now, std::optional<drives::DriveId> brought_by);

    struct Start {
        drives::DriveId id;
        drives::Source* source = nullptr;
        bool shared = false;
        std::stop_token stop;
    };
    // The drives whose visits begin now: they are busy from here on.
    std::vector<Start> start_due(Time now);
    std::optional<Time> next_due() const;

    void progress(drives::DriveId id, const sync::Progress& progress, Time now);
    // Whether it may be given the folder for messages: what a person's desktop mounts is for them to prepare.
    bool may_be_adopted(drives::DriveId id) const;
    void finished(drives::DriveId id, const VisitReport& report, Time now);

    // Asks all visits to end, and starts no more.
    void stop();

    std::size_t busy() const;
    // A drive is there whose damaged bundles could not all be gone through.
    bool damage_left() const;
    std::vector<DriveInfo> infos() const;

private:
    struct Session {
        DriveInfo info;
        drives::Source* source = nullptr;
        drives::Kind kind = drives::Kind::directory;
        bool shared = false;
        bool busy = false;
        bool gone = false;
        std::optional<Time> due{};
        std::optional<Time> started{};
        std::optional<Time> told{};  // when its progress was an event last
        std::stop_source stop{};
    };

    static void due_at(Session& session, Time time);
    void show_end(Session& session, const VisitReport& report);

    EventLog& events_;
    std::map<drives::DriveId, Session> sessions_;
    bool stopped_ = false;
};

}  // namespace wcmp::node
