// Everything the node is made of, in the order in which it is made.
#pragma once

#include "node/clock_watch.h"
#include "node/evictions.h"
#include "node/light_watch.h"
#include "node/machine_watch.h"
#include "node/mounter_watch.h"
#include "node/node.h"
#include "node/reading.h"
#include "node/repairs.h"
#include "node/store_upkeep.h"
#include "node/uploads.h"
#include "node/visits.h"

namespace wcmp::node {

struct Node::Parts {
    Parts(World world, NodeOptions node_options, std::unique_ptr<store::Store> opened,
          const ClockKeeper& clock_keeper, const settings::Settings& settings, const RunNonce& nonce);

    // A store that began to fail: say so, read on for a while, then end. One above its quota: back to it.
    void look_at_store();

    bool needs_attention() const;
    drives::Light light_now() const;

    NodeOptions options;
    std::chrono::nanoseconds started;
    Home home;
    Timers timers;
    LockedRandom random;
    std::unique_ptr<store::Store> store;
    ClockKeeper keeper;
    EventLog events;
    LightWatch light;
    Warnings warnings;
    Refusals refusals;
    WriteTurn write_turn;
    Worker store_worker;
    Worker reader_worker;
    Context context;
    View view;
    Repairs repairs;
    Evictions evictions;
    Ingest ingest;
    Reading reading;
    Visits visits;
    Uploads uploads;
    StoreUpkeep store_upkeep;
    ClockWatch clock_watch;
    MachineWatch machine_watch;
    MounterWatch mounter_watch;
    Timers::Slot give_up;
    std::vector<drives::Source*> sources;
};

}  // namespace wcmp::node
