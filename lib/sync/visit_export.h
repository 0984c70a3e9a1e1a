// The drive gets what it lacks (lib/bundle/BUNDLE.md, section 3, step 4).
#pragma once

#include "sync/drive_bundles.h"
#include "sync/transfer.h"
#include "sync/visit_plan.h"
#include "sync/visit_world.h"

namespace wcmp::sync {

class VisitExport {
public:
    VisitExport(VisitWorld& world, const DriveBundles& drive, VisitPlan& plan)
        : world_(world), drive_(drive), visit_(plan) {}

    // Exports, and makes what was written to the drive durable as a whole. What stops the writing is said in
    // the result; an error ends the visit. A drive that failed once is dead for this visit: nothing more is
    // written to it, whatever later calls would say.
    Result<void> run();

    // Afterwards: what is on the drive now is for tidying.
    bool leaves_upkeep_due() const;

private:
    Result<void> export_all();
    Result<void> carry_exports();
    std::vector<bundle::Name> absorb_small();
    Result<void> exported(const CommittedPiece& piece, const std::vector<bundle::Name>& absorbed);
    Result<void> unlink_all(const std::vector<bundle::Name>& names);
    Result<void> sync_drive();
    std::uint64_t wanted() const;
    bool is_drive_dead() const;

    VisitWorld& world_;
    const DriveBundles& drive_;
    VisitPlan& visit_;
    bool written_ = false;
    std::vector<bundle::Name> made_;
    std::vector<bundle::Name> unlinked_;
};

}  // namespace wcmp::sync
