// When a drive is tidied after its visit (lib/bundle/BUNDLE.md, section 3, step 6): of one drive, times only.
#pragma once

#include "drives/source.h"
#include "node/visit_job.h"

#include <chrono>
#include <optional>

namespace wcmp::node {

class Tidying {
public:
    using Time = std::chrono::nanoseconds;  // of CLOCK_BOOTTIME

    static constexpr Time after_done = std::chrono::seconds(10);
    static constexpr Time longest = std::chrono::seconds(30);
    // A directory is not plugged in anew: it is tidied at most so often, anything else once an insertion.
    static constexpr Time between = std::chrono::hours(1);

    // Work on the drive has ended, a visit or a tidying. Answers what people are told of it: a tidying
    // changes nothing of what the visit before it brought.
    VisitReport ended(const VisitReport& report, drives::Kind kind, Time now);
    // While it is `done`, ready, and nobody wants it.
    std::optional<Time> due() const { return due_; }
    void begin(Time now);
    // Until the next visit.
    void put_off() { due_.reset(); }

private:
    void visited(const VisitReport& report, drives::Kind kind, Time now);

    bool on_ = false;
    std::optional<Time> due_;
    std::optional<Time> last_;
    sync::VisitResult visit_;  // the last one
};

}  // namespace wcmp::node
