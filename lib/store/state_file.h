// The store's `state`: the little that outlives a run (lib/bundle/BUNDLE.md, sections 5-7).
//
// One fixed record, big endian: `WCMPSTA1`, high-water day (u8 present, u32), eviction salt 32, threshold
// u64, ahead count (u8 present, hours u32, day u32), CRC-32C u32 over all of that.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "io/file.h"
#include "store/clock_trust.h"

#include <optional>

namespace wcmp::store {

inline constexpr std::string_view state_name = "state";
inline constexpr std::string_view state_draft_name = "state.new";  // left by a crash: worth nothing

struct State {
    std::optional<Day> high_water;
    std::array<std::uint8_t, 32> eviction_salt{};  // made with the store, never leaves it
    std::uint64_t eviction_threshold = ~std::uint64_t{0};
    std::optional<AheadCount> ahead;

    auto operator<=>(const State&) const = default;
};

Bytes encode_state(const State& state);
Result<State> decode_state(ByteView bytes);  // Errc::invalid

// not_found when there is none; invalid when it is damaged.
Result<State> load_state(const io::Directory& directory);

// Write, fsync, rename, fsync, fsync of the directory.
Result<void> save_state(io::Directory& directory, const State& state);

}  // namespace wcmp::store
