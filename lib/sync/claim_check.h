// Reads what a drive claims to hold: some messages of each bundle (lib/bundle/BUNDLE.md, section 3, step 1).
#pragma once

#include "sync/drive_memory.h"
#include "sync/plan.h"

#include <set>
#include <stop_token>
#include <vector>

namespace wcmp::sync {

// A bundle of the drive of which a claim did not hold. A medium that fails while it is read does not hold
// what it claims either; but that says nothing about the bundle once the drive is back.
struct Liar {
    std::uint32_t bundle = 0;
    bool medium_failed = false;
};

// The checks of one visit. However often its plan is made, each bundle is checked once.
class ClaimChecks {
public:
    // `turns`, where there are some, say whose turn it is when there are too many.
    explicit ClaimChecks(CheckTurns* turns) : turns_(turns) {}

    // Checks what was not checked before. Errors: cancelled.
    Result<std::vector<Liar>> find_liars(const Plan& plan, const Readers& drive, Random& random,
                                         const std::stop_token& stop);

private:
    bool is_checked(const bundle::Reader& reader) const;
    void note(const bundle::Reader& reader);
    Result<void> choose(std::vector<std::uint32_t>& carriers, const Readers& drive, Random& random) const;

    CheckTurns* turns_;
    std::set<std::pair<bundle::Name, std::uint64_t>> checked_;
};

}  // namespace wcmp::sync
