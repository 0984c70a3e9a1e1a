// The drives there are, from plugging in to safe removal, and when each is visited next
// (lib/bundle/BUNDLE.md, end of section 3). Does nothing itself: the node starts what is due.
//
// A drive that somebody plugs in is visited once, when it is ready: waiting, busy, then done, failed or
// unprepared, until it is pulled out. Directories are visited again and again.
#pragma once

#include "node/shown_drive.h"
#include "node/tidying.h"

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
    // From when a visit was asked to end until the drive counts as one that does not answer.
    static constexpr Time to_answer = std::chrono::seconds(30);
    // A directory may be visited each minute: bundles are displaced from it at most so often.
    static constexpr Time between_displacements = std::chrono::hours(1);
    // A drive that gave and took nothing for so long hangs: its visit is asked to end.
    static constexpr auto silence_max_seconds = std::chrono::seconds(90);
    static constexpr Time silence_max = silence_max_seconds;
    static constexpr std::size_t visits_at_once_max = 8;
    // Of what was plugged in as one: a stick of many partitions leaves room for others. Those that never came
    // back count here.
    static constexpr std::size_t visits_per_carrier_max = 2;
    // Visits that never came back do not count among those, up to so many: each of them holds a thread.
    static constexpr std::size_t left_alone_max = 24;

    explicit DriveSessions(EventLog& events) : events_(events) {}

    void added(const drives::DriveAdded& drive, drives::Source& source, Time now);
    void readiness(const drives::DriveReadiness& drive, Time now);
    void changed(drives::DriveId id, Time now);
    // Its visit, if there is one, ends soon.
    void wanted(drives::DriveId id, Time now);
    // What was still in use after its visit is so no more: it ends as the visit did.
    void freed(drives::DriveId id);
    // While a directory does not answer it is not visited; a visit that is on finds out by itself.
    void answers(const drives::DriveAnswers& drive, Time now);
    void removed(drives::DriveId id, Time now);
    // Directories get what arrived; the drive that brought it has it already.
    void store_changed(Time now, std::optional<drives::DriveId> brought_by);

    // On an operator's request, by the name in the API. Errc::not_found, or busy with why it cannot be.
    Outcome<void> sync(std::string_view name, Time now);
    // As wanted(); a directory is left alone until it comes anew or is synced on request.
    Outcome<void> release(std::string_view name, Time now);

    struct Start {
        drives::DriveId id;
        drives::Source* source = nullptr;
        bool shared = false;
        std::stop_source stop{};
        std::shared_ptr<drives::Pulse> pulse{};
        bool tidies = false;  // after its visit: no visit, but it is busy in the same way
        bool may_displace = true;
        drives::Kind kind = drives::Kind::directory;
    };
    // Asks visits to end whose time is over, and gives up those that did not. Answers the drives whose visits
    // begin now: they are busy from here on.
    std::vector<Start> start_due(Time now);
    // Its worker begins now, for at most `longest`: what the visit waited for before is not the drive's
    // fault. False when nobody is to set out any more: it has gone, or was wanted, and nothing of it was
    // opened.
    bool sets_out(const Start& start, Time now, Time longest);
    std::optional<Time> next_due() const;
    // Those that were given up since it was asked last.
    std::vector<drives::DriveId> take_given_up() { return std::exchange(given_up_, {}); }

    void progress(drives::DriveId id, const sync::Progress& progress, Time now);
    // Whether it may be given the folder for messages: what a person's desktop mounts is for them to prepare.
    bool may_be_adopted(drives::DriveId id) const;
    void finished(drives::DriveId id, const VisitReport& report, Time now);

    // Asks all visits to end, and starts no more.
    void stop();

    std::size_t busy() const;
    // Visits that did not come back in time.
    std::size_t left_alone() const;
    bool directory_silent() const;
    // A drive is there whose damaged bundles could not all be gone through.
    bool damage_left() const;
    std::vector<DriveInfo> infos() const;

private:
    struct Session {
        ShownDrive shown;
        drives::Source* source = nullptr;
        drives::Kind kind = drives::Kind::directory;
        drives::Readiness readiness = drives::Readiness::ready;
        bool shared = false;
        std::uint32_t carrier = 0;
        bool busy = false;        // being visited, or about to be
        bool out = false;         // a worker is out with it
        bool left_alone = false;  // and has not come back in time
        bool held_back = false;   // by an operator
        bool gone = false;
        bool freed = false;      // before its visit came back to say that it was in use
        bool exchanged = false;  // another medium is in it than the visit is about
        bool silent = false;     // as its source has found
        bool changed = false;    // by another's hand, since its visit began
        Asked asked = Asked::not_yet;
        std::optional<Time> due{};
        std::optional<Time> started{};
        std::optional<Time> displaced{};  // when something was, last
        std::optional<Time> end_by{};     // of the visit: then it is asked to end, or given up
        std::stop_source stop{};
        std::shared_ptr<drives::Pulse> pulse{};
        std::uint64_t beats = 0;  // seen last
        Time moved{};             // when they were seen to change
        Tidying tidying{};
    };

    Session* find(drives::DriveId id);
    Session* find(std::string_view name);
    std::size_t at_work() const;
    bool may_begin(const Session& session) const;
    static bool may_displace(const Session& session, Time now);
    static void due_at(Session& session, Time time);
    static void ask_to_end(Session& session, Asked why, Time now);
    static void end_before_it_began(Session& session);
    static void begin(Session& session, Time now);
    static void begin_tidying(Session& session, Time now);
    static std::optional<Time> next_of(const Session& session);
    void keep_time(Time now);
    static bool is_silent(Session& session, Time now);
    void give_up(drives::DriveId id, Session& session);
    static void show_readiness(Session& session);
    static void show_silence(Session& session);
    static void show_end(Session& session, VisitReport report);

    EventLog& events_;
    std::map<drives::DriveId, Session> sessions_;
    std::vector<drives::DriveId> given_up_;
    bool stopped_ = false;
};

}  // namespace wcmp::node
