#include "relay.h"

#include "core/limits.h"
#include "store/eviction.h"
#include "sync/drive_room.h"

namespace wcmp::sim {
namespace {

// The store as its upkeep sees it. Nobody else is at work meanwhile.
class StoreInUpkeep final : public sync::UpkeepSide {
public:
    explicit StoreInUpkeep(store::Store& store) : store_(store) {}

    Result<sync::Readers> bundles(const std::stop_token&) override { return store_.snapshot()->bundles; }
    io::Directory& directory() override { return store_.directory(); }
    std::uint64_t room_bytes() override { return sync::free_for_commit(store_.directory(), 0); }
    Result<void> publish(std::span<const bundle::Name> added,
                         std::span<const bundle::Name> removed) override {
        return store_.publish(added, removed);
    }
    Result<void> found_wrong(std::span<const bundle::Name> names, const std::stop_token&) override {
        wrong.insert(wrong.end(), names.begin(), names.end());
        return {};
    }

    std::vector<bundle::Name> wrong;

private:
    store::Store& store_;
};

}  // namespace

Relay::Relay(const RelayTraits& relay_traits, std::uint64_t seed, std::string name)
    : traits(relay_traits),
      files(seed),
      box_clock(traits.clock, seed + 1),
      days(traits.build_day),
      side{.name = std::move(name)},
      random_(seed + 2) {
    files.set_capacity(traits.capacity);
}

Result<void> Relay::start() {
    run_ = std::make_unique<Run>();
    report_ = {};
    store::ClockTrust::Start start{.build_day = traits.build_day, .high_water = {}};
    if (const auto state = store::load_state(*files.root())) {
        start.high_water = state->high_water;
        start.ahead = state->ahead;
    }
    keeper_.emplace(store::ClockTrust(start, clock), clock);
    keeper_->update();
    const store::StoreSettings settings{.store_bytes_max = traits.quota,
                                        .store_keep_free_bytes = traits.keep_free,
                                        .admission = traits.admission};
    WCMP_ASSIGN(store_, store::Store::open(bundle::test::watched(files.root(), watch), settings,
                                           keeper_->today(), {clock, random_}, report_));
    return {};
}

void Relay::end() {
    store_.reset();
    keeper_.reset();
    run_.reset();
}

Rules Relay::rules() const {
    const auto today = keeper_->today();
    const auto state = store_->state();
    return {.floor = today.floor,
            .trusted = today.trusted.has_value(),
            .lifetime_days_max = traits.admission.lifetime_days_max,
            .message_bytes_max = traits.admission.message_bytes_max,
            .salt = state.eviction_salt,
            .threshold = state.eviction_threshold};
}

Result<void> Relay::look_at_clock() {
    const auto change = keeper_->update();
    if (change.dead_may_differ) WCMP_TRY(store_->drop_dead(keeper_->today()));
    const auto state = keeper_->to_save(store_->state());
    if (!state) return {};
    return store_->change_state([&state](store::State& now) {
        now.high_water = state->high_water;
        now.ahead = state->ahead;
    });
}

Result<void> Relay::set_day(Day day) {
    WCMP_TRY(keeper_->set_by_operator(day));
    days.set_by_operator(clock, day);
    WCMP_TRY(store_->drop_dead(keeper_->today()));
    return look_at_clock();
}

std::vector<Result<store::Enqueued>> Relay::enqueue(std::span<const Bytes> messages) {
    return store_->enqueue(messages, keeper_->today());
}

Result<void> Relay::fold() {
    WCMP_TRY(store_->fold(keeper_->today()));
    return {};
}

node::VisitOrder Relay::order_for(Drive& drive) {
    sync::VisitSettings settings{.admission = traits.admission, .shared = drive.traits.shared};
    settings.memory = &run_->memory;
    settings.boot_time = clock.boot_time();
    return {.source = drive,
            .drive = {1},
            .settings = settings,
            .today = keeper_->today(),
            .random = random_,
            .stop = {},
            .on_progress = {}};
}

node::VisitReport Relay::visit(Drive& drive, std::function<void()> meanwhile) {
    std::ignore = fold();  // what cannot be folded waits
    node::LocalStore local(*store_, run_->turn, [](const auto&) {});
    auto order = order_for(drive);
    order.on_progress = [&](const sync::Progress&) { meanwhile(); };
    return node::run_visit(local, order);
}

node::VisitReport Relay::tidy(Drive& drive) {
    return node::run_tidying(order_for(drive));
}

Result<void> Relay::finish_visit(const node::VisitReport& report) {
    WCMP_TRY(repair(report.result.wrong_in_store));
    if (report.result.refused[static_cast<std::size_t>(message::Verdict::evicted)] == 0) return {};
    const auto now = clock.boot_time();
    if (!store::may_raise(
            {.bytes = store_->snapshot()->bytes, .quota = traits.quota, .now = now, .last = run_->raised}))
        return {};
    run_->raised = now;
    return store_->change_state(
        [](store::State& state) { state.eviction_threshold = store::raised(state.eviction_threshold); });
}

// Once for each name and run.
Result<void> Relay::repair(std::span<const bundle::Name> damaged) {
    for (const auto& name : damaged) {
        if (!run_->repaired.insert(name).second) continue;
        const auto salvaged = store_->salvage(name);
        if (!salvaged && salvaged.error().code != Errc::not_found) return std::unexpected(salvaged.error());
    }
    return {};
}

Result<void> Relay::upkeep() {
    StoreInUpkeep in_upkeep(*store_);
    const sync::UpkeepSettings settings{.store = true,
                                        .spare_large = clock.boot_time() < run_->large_from,
                                        .distrust = &run_->distrust,
                                        .unreadable = &run_->unreadable};
    sync::Upkeep upkeep(in_upkeep, settings, keeper_->today(), random_);
    upkept_ = {};
    const auto done = upkeep.run(upkept_, {});
    if (upkept_.bytes_written > limits::absorb_bundle_bytes_max)
        run_->large_from = clock.boot_time() + std::chrono::hours(24);
    WCMP_TRY(done);
    return repair(in_upkeep.wrong);
}

Result<void> Relay::evict() {
    if (store_->failing() || !store_->is_above_quota()) return {};
    store::Evictor evictor(*store_, keeper_->today());
    Result<bool> more = true;
    Result<void> done{};
    while (done && more && *more) {
        more = evictor.choose({});
        if (more && *more) done = evictor.rewrite_next({});
    }
    evicted_ += evictor.done().messages;
    WCMP_TRY(done);
    if (!more) return std::unexpected(more.error());
    return repair(evictor.done().damaged);
}

}  // namespace wcmp::sim
