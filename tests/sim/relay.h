// A relay: the library's parts put together as the node does it, on one thread and a medium that forgets
// what was not synced.
#pragma once

#include "box_clock.h"
#include "day_model.h"
#include "drive.h"
#include "node/clock_keeper.h"
#include "node/visit_job.h"
#include "store/evictor.h"
#include "sync/upkeep.h"

namespace wcmp::sim {

struct RelayTraits {
    Day build_day;
    std::uint64_t capacity = 0;  // of its disk
    std::uint64_t quota = 0;
    std::uint64_t keep_free = 0;
    message::AdmissionRules admission{};
    BoxClock::Kind clock = BoxClock::Kind::right;
};

class Relay {
public:
    Relay(const RelayTraits& traits, std::uint64_t seed, std::string name);

    bool is_on() const { return store_ != nullptr; }
    Result<void> start();
    void end();  // without a fold, as a kill would

    // One operation each. What the medium refused is answered; the rest is looked at by the oracle.
    Result<void> look_at_clock();
    Result<void> set_day(Day day);
    std::vector<Result<store::Enqueued>> enqueue(std::span<const Bytes> messages);
    Result<void> fold();
    node::VisitReport visit(Drive& drive, std::function<void()> meanwhile);
    node::VisitReport tidy(Drive& drive);
    Result<void> upkeep();
    Result<void> evict();
    // What follows from a visit.
    Result<void> finish_visit(const node::VisitReport& report);

    store::Store& store() { return *store_; }
    Rules rules() const;
    const store::OpenReport& report() const { return report_; }
    const sync::UpkeepResult& upkept() const { return upkept_; }
    std::uint64_t evicted() const { return evicted_; }  // since it was made
    std::optional<Day> high_water() const { return store_->state().high_water; }

    const RelayTraits traits;
    io::MemoryFileSystem files;
    bundle::test::Watch watch;
    ManualClock clock;
    BoxClock box_clock;
    DayModel days;
    Side side;

private:
    // What is forgotten with a run.
    struct Run {
        sync::DriveMemory memory{};
        sync::Distrust distrust{};
        std::set<bundle::Name> unreadable{};
        std::set<bundle::Name> repaired{};
        std::optional<std::chrono::nanoseconds> raised{};
        std::chrono::nanoseconds large_from{};
        node::WriteTurn turn{[] {}};
    };

    node::VisitOrder order_for(Drive& drive);
    Result<void> repair(std::span<const bundle::Name> damaged);

    SeededRandom random_;
    std::unique_ptr<Run> run_;
    std::optional<node::ClockKeeper> keeper_;
    std::unique_ptr<store::Store> store_;
    store::OpenReport report_;
    sync::UpkeepResult upkept_;
    std::uint64_t evicted_ = 0;
};

}  // namespace wcmp::sim
