#include "sync/visit.h"

#include "sync/visit_displacement.h"
#include "sync/visit_export.h"
#include "sync/visit_import.h"

namespace wcmp::sync {

Result<void> Visit::run(VisitResult& result, std::stop_token stop) {
    VisitWorld world{local_,         drive_, settings_, today_, random_, result, VisitProgress(on_progress),
                     std::move(stop)};
    DriveBundles bundles(drive_, settings_, today_, random_, result);
    VisitPlan plan(local_, bundles, settings_, today_, random_, result);
    VisitImport import(world, bundles, plan);
    world.progress.begin(Phase::reading);
    WCMP_TRY(bundles.open(world.stop));
    WCMP_TRY(import.run());
    WCMP_TRY(import.rescue());
    WCMP_TRY(VisitDisplacement(world, bundles, plan).run());
    VisitExport exporting(world, bundles, plan);
    WCMP_TRY(exporting.run());
    result.upkeep_due = exporting.leaves_upkeep_due();
    return {};
}

}  // namespace wcmp::sync
