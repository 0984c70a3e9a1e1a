#include "node/tidying.h"

#include <algorithm>
#include <utility>

namespace wcmp::node {

VisitReport Tidying::ended(const VisitReport& report, drives::Kind kind, Time now) {
    if (!std::exchange(on_, false)) {
        visited(report, kind, now);
        return report;
    }
    auto told = report;
    told.result = visit_;
    told.result.others_at_work = false;  // they were seen by the visit, and it was said then
    told.result.wrong_bundles += report.result.wrong_bundles;
    told.result.salvaged += report.result.salvaged;
    told.result.lost += report.result.lost;
    return told;
}

void Tidying::visited(const VisitReport& report, drives::Kind kind, Time now) {
    visit_ = report.result;
    due_.reset();
    if (report.end != VisitReport::End::done || report.still_in_use || !report.result.upkeep_due) return;
    const bool is_directory = kind == drives::Kind::directory;
    if (last_ && !is_directory) return;
    due_ = now + after_done;
    if (last_) due_ = std::max(*due_, *last_ + between);
}

void Tidying::begin(Time now) {
    on_ = true;
    due_.reset();
    last_ = now;
}

}  // namespace wcmp::node
