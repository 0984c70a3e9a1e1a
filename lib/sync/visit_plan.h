// Makes the plan of a visit, again and again until nothing in it rests on a bundle that turned out wrong.
#pragma once

#include "sync/claim_check.h"
#include "sync/drive_bundles.h"
#include "sync/plan.h"
#include "sync/visit.h"

#include <stop_token>

namespace wcmp::sync {

class VisitPlan {
public:
    VisitPlan(Local& local, DriveBundles& drive, const VisitSettings& settings, const message::Today& today,
              Random& random, VisitResult& result)
        : local_(local),
          drive_(drive),
          settings_(settings),
          today_(today),
          random_(random),
          result_(result),
          checks_(settings.memory == nullptr ? nullptr : &settings.memory->turns) {}

    // `room`: how many bytes of bundles each side takes. What does not fit is, of exports, a random subset;
    // of imports what the store would evict first.
    struct Room {
        StoreRoom store{};
        std::uint64_t drive_bytes = 0;
    };
    Result<void> make(const Room& room, const std::stop_token& stop);

    // True when the store is not what it was when the plan was made.
    bool is_stale() const { return local_.bundles() != store_all_; }
    // Of the last plan.
    const StoreRoom& store_room() const { return store_room_; }

    Plan plan;
    const Readers& store() const { return store_; }
    const Readers& drive() const { return drive_.readers(); }
    const std::vector<bool>& distrusted() const { return distrusted_; }
    const Retention& retention() const { return retention_; }
    // Of all exports, whether they fit or not.
    std::uint64_t wanted_export_bytes() const { return wanted_export_bytes_; }

    // These are about to go from the drive. What was planned to be exported stays as it is.
    void forget_drive_bundles(const std::vector<bundle::Name>& names);

private:
    Result<void> make_once(const Sampling& imports, const Sampling& exports, const std::stop_token& stop);
    // Until all indexes are sound and all claims that were found not to hold are left out.
    Result<void> make_sound(const Sampling& imports, const Sampling& exports, const std::stop_token& stop);
    Result<bool> claims_hold(const std::stop_token& stop);
    bool is_distrusted(const bundle::Reader& reader) const;

    Local& local_;
    DriveBundles& drive_;
    const VisitSettings& settings_;
    const message::Today& today_;
    Random& random_;
    VisitResult& result_;
    StoreRoom store_room_;
    Retention retention_;
    std::uint64_t wanted_export_bytes_ = 0;
    Readers store_all_;
    Readers store_;  // without result_.wrong_in_store
    std::vector<bundle::Name> liars_;
    ClaimChecks checks_;
    std::vector<bool> distrusted_;
};

}  // namespace wcmp::sync
