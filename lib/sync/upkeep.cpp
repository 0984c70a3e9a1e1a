#include "sync/upkeep.h"

#include "core/limits.h"
#include "sync/upkeep_step.h"
#include "sync/upkeep_verify.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// The plan of the moment, with the names that its positions stand for.
struct Round {
    std::vector<BundleFacts> facts;
    UpkeepPlan plan;

    std::vector<bundle::Name> names_of(const UpkeepStep& step) const {
        std::vector<bundle::Name> names;
        names.reserve(step.inputs.size());
        for (const auto i : step.inputs) names.push_back(facts[i].name);
        return names;
    }
    std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& step : plan.steps)
            for (const auto i : step.inputs) sum += facts[i].file_bytes;
        return sum;
    }
};

// What was tried and stays as it is must not be planned again and again.
void leave_out(const UpkeepWorld& world, UpkeepPlan& plan, const std::vector<BundleFacts>& facts) {
    std::erase_if(plan.steps, [&](const UpkeepStep& step) {
        return std::ranges::any_of(step.inputs,
                                   [&](std::size_t i) { return world.is_left_alone(facts[i].name); });
    });
}

Result<Round> plan_round(UpkeepWorld& world) {
    WCMP_ASSIGN(const auto readers, world.side.bundles(world.stop));
    Round round{.facts = facts_of(readers, world.settings.distrust, world.today), .plan = {}};
    for (auto& facts : round.facts) facts.unreadable = world.is_left_alone(facts.name);
    round.plan = plan_upkeep(round.facts, {.store = world.settings.store,
                                           .spare_large = world.settings.spare_large,
                                           .room_bytes = world.side.room_bytes()});
    leave_out(world, round.plan, round.facts);
    return round;
}

Result<void> verify_what_is_there(UpkeepWorld& world) {
    WCMP_ASSIGN(const auto readers, world.side.bundles(world.stop));
    WCMP_ASSIGN(const auto verified, verify_some(readers, world.random, world.stop));
    world.result.verified_bytes = verified.bytes;
    for (const auto i : verified.invalid) {
        const auto& reader = *readers[i];
        world.result.found_invalid.push_back(reader.name());
        if (world.settings.distrust != nullptr)
            world.settings.distrust->add(reader.name(), reader.header().file_bytes);
    }
    return {};
}

}  // namespace

std::vector<BundleFacts> facts_of(const Readers& bundles, const Distrust* distrust,
                                  const message::Today& today) {
    std::vector<BundleFacts> facts;
    facts.reserve(bundles.size());
    for (const auto& reader : bundles) {
        facts.push_back(facts_of(*reader, today));
        facts.back().invalid =
            distrust != nullptr && distrust->contains(reader->name(), reader->header().file_bytes);
    }
    return facts;
}

Result<void> Upkeep::run(UpkeepResult& result, const std::stop_token& stop) {
    UpkeepWorld world{side_, settings_, today_, random_, result, VisitProgress(on_progress), stop};
    bool worked = false;
    for (unsigned rounds = 0; rounds < limits::upkeep_rounds_max; ++rounds) {
        world.progress.begin(Phase::tidying);
        WCMP_ASSIGN(const auto round, plan_round(world));
        if (!round.plan.due()) break;
        worked = true;
        world.progress.begin(Phase::tidying, round.bytes());
        for (const auto& step : round.plan.steps)
            WCMP_TRY(UpkeepWork(world, step.reason, round.names_of(step)).run());
    }
    return worked ? verify_what_is_there(world) : Result<void>{};
}

}  // namespace wcmp::sync
