// What is done to one relay's store, and what must hold then.
#include "core/limits.h"
#include "crypto/sha256.h"
#include "world.h"

#include <algorithm>

namespace wcmp::sim {

Event World::event_of(Relay& relay) const {
    const auto free = relay.files.root()->space()->free_bytes;
    const auto needed =
        relay.side.seen.bundle_bytes + limits::journal_file_bytes + limits::commit_reserve_bytes;
    return {.rules = {relay.rules()}, .disk_is_full = free < needed};
}

void World::boot(Relay& relay, Event event) {
    relay.box_clock.show(relay.clock, now_);
    const auto started = relay.start();
    expect(started.has_value(), relay.side.name + " does not start" +
                                    (started ? "" : ": " + wcmp::core::describe(started.error())));
    expect(!relay.store().failing(), relay.side.name + " starts for reading only");
    relay.side.overlooked = false;
    if (relay.report().state_lost) relay.days.forgot();
    relay.days.started(relay.clock, relay.rules());
    if (const auto high = relay.high_water()) relay.days.saved(*high);
    event.rules.push_back(relay.rules());
    oracle_.store_worked(relay.side, *relay.files.root(), event);
    ++tally_.restarts;
}

void World::shut_down(Relay& relay, bool power_cut) {
    last_ = "a relay is shut down";
    auto event = event_of(relay);
    relay.end();
    if (power_cut) {
        relay.files.power_cut();
        relay.side.onlooker.forget();
        ++tally_.power_cuts;
        event.power_cut = true;
        oracle_.store_worked(relay.side, *relay.files.root(), event);
    }
    if (dice_.one_in(4)) return;  // for a while
    relay.box_clock.boot(now_);
    boot(relay, {.rules = event.rules});
}

// What has gone wrong is over, and the relay runs again.
void World::after_strike(Relay& relay, Event& event, const Strike& strike) {
    relay.files.clear_faults();
    if (!strike.fell()) return;
    const bool cut = strike.blow() == Blow::power_cut;
    if (strike.blow() == Blow::store_unreadable) relay.side.overlooked = true;
    if (!cut && !relay.store().failing()) {
        tally_.refusals += strike.blow() != Blow::pulled;
        return;
    }
    relay.end();
    // A file system with a journal stops at a directory that it could not write, until the box is switched
    // off. At a file it goes on, and what was not written is lost later (DECISIONS 39).
    if (cut || strike.hit_names()) {
        relay.files.power_cut();
        relay.side.onlooker.forget();
        event.power_cut = true;
        ++tally_.power_cuts;
    } else {
        event.medium_refused = true;
        ++tally_.refusals;
    }
    relay.box_clock.boot(now_);
    relay.box_clock.show(relay.clock, now_);
    const auto started = relay.start();
    expect(started.has_value(), relay.side.name + " does not come up again");
    relay.side.overlooked = false;
    expect(!relay.store().failing(),
           relay.side.name + " comes up for reading only: " +
               (relay.report().failing ? wcmp::core::describe(*relay.report().failing) : ""));
    relay.days.started(relay.clock, relay.rules());
    if (const auto high = relay.high_water()) relay.days.saved(*high);
    event.rules.push_back(relay.rules());
}

void World::work(Relay& relay, Event event, const Work& work, Blow blow) {
    Result<void> done;
    {
        const Strike strike(blow, some_call(), relay, nullptr);
        done = work();
        if (!strike.fell()) {
            const bool excused = done || done.error().code == Errc::no_space;
            expect(excused, "undisturbed, and failed: " + (done ? "" : wcmp::core::describe(done.error())));
        }
        event.rules.push_back(relay.rules());
        last_ += strike.text();
        after_strike(relay, event, strike);
    }
    oracle_.store_worked(relay.side, *relay.files.root(), event);
}

void World::hand_in(Relay& relay, std::size_t count, Event& event) {
    std::vector<bundle::test::Sample> messages;
    std::vector<Bytes> bytes;
    for (; count > 0; --count) {
        messages.push_back(mail_.write(usual_expiry(dice_, true_day()), usual_length(dice_)));
        bytes.push_back(messages.back().bytes);
        event.handed_in[messages.back().key] = static_cast<std::uint32_t>(bytes.back().size());
    }
    const auto results = relay.enqueue(bytes);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i]) event.acknowledged.insert(messages[i].key);
        ++(results[i] ? tally_.acknowledged : tally_.refused);
    }
}

void World::send(Relay& relay) {
    last_ = "messages are handed in";
    auto event = event_of(relay);
    Result<void> done;
    {
        const Strike strike(some_blow(false), dice_.below(8), relay, nullptr);
        hand_in(relay, 1 + dice_.mostly_small(20), event);
        last_ += strike.text();
        after_strike(relay, event, strike);
    }
    oracle_.store_worked(relay.side, *relay.files.root(), event);
    keep_house(relay);
}

// What the node does by itself after whatever was done to its store.
void World::keep_house(Relay& relay) {
    const auto about = last_;
    last_ = about + "; a fold";
    if (dice_.one_in(3)) work(relay, event_of(relay), [&] { return relay.fold(); }, some_blow(false));
    last_ = about + "; an eviction";
    const bool above = relay.store().is_above_quota();
    auto event = event_of(relay);
    event.evicting = true;
    const auto evicted = relay.evicted();
    const auto boots = tally_.restarts;
    const bool rotted = relay.side.rotted || relay.side.overlooked;
    if (above) {
        const auto blow = some_blow(false);
        work(relay, event, [&] { return relay.evict(); }, blow);
        if (blow == Blow::none && boots == tally_.restarts && !rotted)
            expect(relay.side.seen.bundle_bytes <= relay.traits.quota,
                   relay.side.name + " stays above its quota");
    }
    tally_.note(relay.evicted() - evicted);
}

void World::maintain(Relay& relay) {
    last_ = "the upkeep of a store";
    const auto blow = some_blow(false);
    const bool rotted = relay.side.rotted;
    const auto starts = tally_.power_cuts + tally_.refusals;
    work(relay, event_of(relay), [&] { return relay.upkeep(); }, blow);
    ++tally_.upkeeps;
    if (blow != Blow::none || starts != tally_.power_cuts + tally_.refusals || rotted) return;
    const auto& seen = relay.side.seen;
    const auto room = relay.files.root()->space()->free_bytes;
    if (relay.upkept().left + relay.upkept().unreadable > 0) return;
    if (room < seen.bundle_bytes + limits::commit_reserve_bytes || relay.side.overlooked) return;
    expect(seen.valid <= 8 + seen.bundle_bytes / (16U << 20U), "too many bundles in " + relay.side.name);
    const auto floor = relay.rules().floor;
    for (const auto& [key, length] : seen.bundled)
        expect(key.day.number + 1 > floor.number, "long dead in " + relay.side.name + ": " + describe(key));
}

// Clients get what is alive, and nothing else.
void World::check_reading(Relay& relay) {
    last_ = "reading";
    if (relay.side.rotted || relay.side.overlooked) return;
    const auto rules = relay.rules();
    const message::Today today{.floor = rules.floor,
                               .trusted = rules.trusted ? std::optional(rules.floor) : std::nullopt};
    for (const auto& [key, length] : relay.side.seen.held) {
        if (!dice_.one_in(50)) continue;
        const auto read = relay.store().read(key.id, today);
        expect(read.has_value() == !rules.is_dead(key), "served wrongly or not: " + describe(key));
        if (read) expect(crypto::sha256(*read) == key.id.bytes, "served altered: " + describe(key));
    }
}

}  // namespace wcmp::sim
