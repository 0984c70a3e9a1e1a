// What the parts of the node share. All of it belongs to the node's thread, but the store, the turn and the
// randomness, which workers use too.
#pragma once

#include "node/clock_keeper.h"
#include "node/event_log.h"
#include "node/home.h"
#include "node/locked_random.h"
#include "node/refusals.h"
#include "node/timers.h"
#include "node/warnings.h"
#include "node/write_turn.h"
#include "settings/settings.h"
#include "store/store.h"

#include <memory>

namespace wcmp::node {

struct Context {
    Home& home;
    Timers& timers;
    const Clock& clock;
    LockedRandom& random;
    ClockKeeper& keeper;
    EventLog& events;
    Warnings& warnings;
    Refusals& refusals;
    WriteTurn& write_turn;
    store::Store& store;
    Worker& store_worker;                                // what is synced: journal, folds, state
    Worker& reader_worker;                               // bodies, bundle files, sidecars
    std::shared_ptr<const settings::Settings> settings;  // replaced as a whole
    std::function<void()> store_worked;  // called after work on the store: it may have begun to fail
    bool stopping = false;
};

store::StoreSettings store_settings(const settings::Settings& settings);
// Of what clients hand in: with cover on it must fit into what waits for a visit.
std::uint64_t message_bytes_max(const settings::Settings& settings);

}  // namespace wcmp::node
