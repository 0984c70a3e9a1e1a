// A drive that has no room for what it lacks gives up a part of what the store holds (lib/bundle/BUNDLE.md,
// section 3, step 4).
#pragma once

#include "sync/displacement.h"
#include "sync/drive_room.h"
#include "sync/visit_plan.h"
#include "sync/visit_world.h"

namespace wcmp::sync {

class VisitDisplacement {
public:
    VisitDisplacement(VisitWorld& world, DriveBundles& drive, VisitPlan& plan)
        : world_(world), drive_(drive), visit_(plan) {}

    // Between import and export. Afterwards the plan's exports are for the room that there is. What is
    // unlinked was read in the store before, and is durable there: no output on the drive has to cover it,
    // and it may go first.
    Result<void> run();

private:
    struct Chosen {
        Readers bundles;
        std::vector<std::uint64_t> messages;
        std::vector<bundle::Name> covering;  // of the store
        std::uint64_t file_bytes = 0;
    };

    bool may_displace() const;
    Result<Readers> choose(const DriveRoom& room);
    Result<Chosen> check(const Readers& bundles);
    Result<void> make_durable(const std::vector<bundle::Name>& covering);
    bool still_covered(const Chosen& chosen) const;
    Result<void> displace(const Chosen& chosen);
    Result<void> unlink_all(const Chosen& chosen);

    VisitWorld& world_;
    DriveBundles& drive_;
    VisitPlan& visit_;
};

}  // namespace wcmp::sync
