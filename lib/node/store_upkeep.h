// The store's own upkeep, in its own time: small bundles become part of others, and what is dead leaves them
// (lib/bundle/BUNDLE.md, sections 5 and 6).
#pragma once

#include "node/repairs.h"
#include "sync/upkeep.h"

#include <atomic>

namespace wcmp::node {

class StoreUpkeep {
public:
    // So whatever becomes due is done within 10 minutes.
    static constexpr auto look_every = std::chrono::minutes(5);
    // A trickle of messages must not have large bundles written anew again and again, and wear the disk out.
    static constexpr auto between_large = std::chrono::hours(24);
    static constexpr auto look_again = std::chrono::seconds(10);  // after it gave way

    StoreUpkeep(Context& context, View& view, Repairs& repairs);

    // While drives are visited nothing more is begun.
    void give_way(bool to_visits) { *gives_way_ = to_visits; }
    // Ends what is under way soon.
    void stop() { stop_.request_stop(); }

private:
    struct Report {
        sync::UpkeepResult result{};
        Result<void> done{};
        std::vector<bundle::Name> wrong{};
    };

    void look();
    void finished(const Report& report);
    void tell(const Report& report);

    Context& context_;
    View& view_;
    Repairs& repairs_;
    std::shared_ptr<std::atomic<bool>> gives_way_ = std::make_shared<std::atomic<bool>>(false);
    std::stop_source stop_;
    sync::Distrust distrust_;
    std::set<bundle::Name> unreadable_;      // of the worker
    std::chrono::nanoseconds large_from_{};  // from when on a large bundle may be joined
    std::optional<Errc> failure_;            // of the last upkeep
    Timers::Slot next_look_;
    Worker worker_;  // last: it uses the rest
};

}  // namespace wcmp::node
