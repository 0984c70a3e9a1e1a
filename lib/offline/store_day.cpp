#include "offline/store_day.h"

#include "store/state_file.h"

namespace wcmp::offline {

Result<message::Today> day_of_store(const io::Directory& store, Day build_day, const Clock& clock) {
    const auto state = store::load_state(store);
    if (!state && state.error().code != Errc::invalid) return std::unexpected(state.error());
    store::ClockTrust::Start start{.build_day = build_day, .high_water = {}};
    if (state) {
        start.high_water = state->high_water;
        start.ahead = state->ahead;
    }
    return store::ClockTrust(start, clock).today();
}

}  // namespace wcmp::offline
