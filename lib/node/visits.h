// The visits to drives: one worker for each busy drive, so that one in trouble holds up nobody else.
#pragma once

#include "node/drive_sessions.h"
#include "node/evictions.h"
#include "node/ingest.h"
#include "node/repairs.h"

namespace wcmp::node {

class Visits {
public:
    // drives_changed: called whenever a drive may be in another state.
    Visits(Context& context, Ingest& ingest, View& view, Repairs& repairs, Evictions& evictions,
           std::function<void()> drives_changed);

    void start(drives::Source& source);
    void stop();

    // Something arrived; drives that take part in the spreading are visited soon.
    void store_changed(std::optional<drives::DriveId> brought_by);

    // On an operator's request.
    Outcome<void> sync(std::string_view drive);
    Outcome<void> release(std::string_view drive);

    std::size_t busy() const { return sessions_.busy(); }
    std::vector<DriveInfo> infos() const { return sessions_.infos(); }

private:
    void start_due();
    void wake_in_time();
    void take_turns_away();
    void begin(const DriveSessions::Start& start);
    void tidy(const DriveSessions::Start& start);
    VisitOrder order_for(const DriveSessions::Start& start);
    void look_for_damage();
    void finished(drives::DriveId id, const VisitReport& report);

    Context& context_;
    std::function<void()> drives_changed_;
    Ingest& ingest_;
    View& view_;
    Repairs& repairs_;
    Evictions& evictions_;
    DriveSessions sessions_;
    std::map<drives::DriveId, std::unique_ptr<Worker>> workers_;
    std::map<drives::DriveId, std::shared_ptr<ImportTicket>> tickets_;
    std::vector<std::shared_ptr<ImportTicket>> to_take_away_;
    sync::DriveMemory memory_;
    Timers::Slot due_;
};

sync::VisitSettings visit_settings(const settings::Settings& settings, bool shared);

}  // namespace wcmp::node
