// The visits to drives: one worker for each busy drive, so that one in trouble holds up nobody else.
#pragma once

#include "node/drive_sessions.h"
#include "node/ingest.h"
#include "node/repairs.h"

namespace wcmp::node {

class Visits {
public:
    Visits(Context& context, Ingest& ingest, View& view, Repairs& repairs);

    void start(drives::Source& source);
    void stop();

    // Something arrived; drives that take part in the spreading are visited soon.
    void store_changed(std::optional<drives::DriveId> brought_by);

    std::size_t busy() const { return sessions_.busy(); }
    std::vector<DriveInfo> infos() const { return sessions_.infos(); }

private:
    void start_due();
    void begin(const DriveSessions::Start& start);
    VisitOrder order_for(const DriveSessions::Start& start);
    void look_for_damage();
    void finished(drives::DriveId id, const VisitReport& report);

    Context& context_;
    Ingest& ingest_;
    View& view_;
    Repairs& repairs_;
    DriveSessions sessions_;
    std::map<drives::DriveId, std::unique_ptr<Worker>> workers_;
    sync::DriveMemory memory_;
    Timers::Slot due_;
};

sync::VisitSettings visit_settings(const settings::Settings& settings, bool shared);

}  // namespace wcmp::node
