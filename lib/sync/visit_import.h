// The store gets what it lacks and its rules allow (lib/bundle/BUNDLE.md, section 3, steps 1 to 3).
#pragma once

#include "sync/drive_bundles.h"
#include "sync/transfer.h"
#include "sync/visit_plan.h"
#include "sync/visit_world.h"

namespace wcmp::sync {

class VisitImport {
public:
    VisitImport(VisitWorld& world, DriveBundles& drive, VisitPlan& plan)
        : world_(world), drive_(drive), visit_(plan) {}

    // Plans the visit, and imports. When an input has vanished meanwhile both are done again, a few times.
    Result<void> run();

    // Takes what is on the drive in bundles that are damaged, and could not be put in order there.
    Result<void> rescue();

private:
    Result<void> attempt();
    Result<void> make_plan();
    Result<void> import_all();
    Result<void> carry_imports();
    std::vector<bundle::Name> absorb_small();
    Result<void> imported(const CommittedPiece& piece, const std::vector<bundle::Name>& absorbed);
    bool is_worth_another(const Error& error) const;
    void count();

    VisitWorld& world_;
    DriveBundles& drive_;
    VisitPlan& visit_;
    std::uint64_t imported_before_ = 0;  // in this visit, when the plan was made
    bool input_failed_ = false;          // the last error came from reading the drive
    bool full_ = false;
};

}  // namespace wcmp::sync
