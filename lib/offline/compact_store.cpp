#include "offline/compact_store.h"

#include "core/limits.h"
#include "offline/store_day.h"
#include "sync/drive_room.h"

namespace wcmp::offline {
namespace {

// The relay's rules have let in what is here, and only the relay knows them: none is applied again.
constexpr store::StoreSettings no_rules{
    .store_bytes_max = ~std::uint64_t{0},
    .store_keep_free_bytes = 0,
    .admission = {.lifetime_days_max = ~std::uint32_t{0}, .message_bytes_max = ~std::uint64_t{0}}};

// Nobody else is here, so a step waits for nothing.
class RestingSide final : public sync::UpkeepSide {
public:
    RestingSide(store::Store& store, sync::UpkeepResult& result) : store_(store), result_(result) {}

    Result<sync::Readers> bundles(const std::stop_token&) override { return store_.snapshot()->bundles; }
    io::Directory& directory() override { return store_.directory(); }
    std::uint64_t room_bytes() override { return sync::free_for_commit(store_.directory(), 0); }
    Result<void> publish(std::span<const bundle::Name> added,
                         std::span<const bundle::Name> removed) override {
        return store_.publish(added, removed);
    }
    // A bundle that lacks the room to be saved stays; what the disk refuses ends the work.
    Result<void> found_wrong(std::span<const bundle::Name> names, const std::stop_token&) override {
        result_.wrong_bundles += names.size();
        for (const auto& name : names) {
            const auto salvaged = store_.salvage(name);
            if (!salvaged && store_.failing()) return std::unexpected(salvaged.error());
            if (!salvaged && !result_.error) result_.error = salvaged.error();
            if (!salvaged) continue;
            result_.salvaged += salvaged->saved;
            result_.lost += salvaged->lost;
        }
        return {};
    }

private:
    store::Store& store_;
    sync::UpkeepResult& result_;
};

Result<BundleSum> sum_of(const io::Directory& directory) {
    BundleSum sum;
    WCMP_TRY(directory.list([&](std::string_view name) {
        if (!bundle::parse_name(name)) return;
        ++sum.bundles;
        if (const auto file = directory.open(name))
            if (const auto status = (*file)->status()) sum.bytes += status->size;
    }));
    return sum;
}

class Compaction {
public:
    Compaction(store::Store& store, const message::Today& today, const CompactStore& how, Random& random,
               CompactResult& result)
        : store_(store),
          today_(today),
          how_(how),
          random_(random),
          result_(result),
          side_(store, result.upkeep) {}

    Result<void> run() {
        const auto done = work();
        result_.after = {.bundles = store_.snapshot()->bundles.size(), .bytes = store_.snapshot()->bytes};
        result_.journal_left = store_.journal_messages();
        result_.lacks_room = result_.journal_left > 0 || is_due_but_for_room();
        return done;
    }

private:
    Result<void> work() {
        WCMP_TRY(upkeep());
        if (store_.journal_messages() == 0) return {};
        // There was no room at the start; now there may be.
        const auto folded = store_.fold(today_);
        if (!folded) return folded.error().code == Errc::no_space ? Result<void>{} : forward(folded);
        result_.folded += folded->size();
        return upkeep();
    }

    static Result<void> forward(const Result<std::vector<MessageKey>>& folded) {
        return std::unexpected(folded.error());
    }

    // Until nothing is left that it can do: what it finds wrong while it verifies is work for the next run.
    // What one run leaves alone the next one tries again, so what counts is what the last one left.
    Result<void> upkeep() {
        sync::Upkeep upkeep(side_, settings(), today_, random_);
        upkeep.on_progress = how_.on_progress;
        for (unsigned runs = 0; runs < limits::upkeep_rounds_max; ++runs) {
            const auto before = work_done();
            result_.upkeep.left = 0;
            result_.upkeep.error.reset();
            WCMP_TRY(upkeep.run(result_.upkeep, how_.stop));
            if (work_done() == before) break;
        }
        return {};
    }

    std::uint64_t work_done() const {
        const auto& upkeep = result_.upkeep;
        return upkeep.merged + upkeep.rewritten + upkeep.dropped + upkeep.wrong_bundles;
    }

    sync::UpkeepSettings settings() {
        return {.store = true, .distrust = &distrust_, .unreadable = &unreadable_};
    }

    // Whether more room alone would change the plan.
    bool is_due_but_for_room() {
        auto facts = sync::facts_of(store_.snapshot()->bundles, &distrust_, today_);
        for (auto& bundle : facts) bundle.unreadable = unreadable_.contains(bundle.name);
        const auto steps = [&](std::uint64_t room) {
            return sync::plan_upkeep(facts, {.store = true, .room_bytes = room}).steps.size();
        };
        return steps(side_.room_bytes()) == 0 && steps(~std::uint64_t{0}) > 0;
    }

    store::Store& store_;
    const message::Today& today_;
    const CompactStore& how_;
    Random& random_;
    CompactResult& result_;
    RestingSide side_;
    sync::Distrust distrust_;
    std::set<bundle::Name> unreadable_;
};

}  // namespace

Result<void> compact_store(std::unique_ptr<io::Directory> directory, const CompactStore& how,
                           store::World world, CompactResult& result) {
    WCMP_ASSIGN(const auto today, day_of_store(*directory, how.build_day, world.clock));
    WCMP_ASSIGN(result.before, sum_of(*directory));
    WCMP_ASSIGN(const auto store,
                store::Store::open(std::move(directory), no_rules, today, world, result.opened));
    result.folded = result.opened.folded;
    if (result.opened.failing) return std::unexpected(*result.opened.failing);
    return Compaction(*store, today, how, world.random, result).run();
}

}  // namespace wcmp::offline
