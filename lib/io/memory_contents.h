// What a file in memory holds: as readers see it, and as the medium would have it after a power cut.
#pragma once

#include "core/bytes.h"
#include "core/random.h"

#include <map>

namespace wcmp::io {

inline constexpr std::size_t sector_bytes = 512;

// Decides which unsynced changes reach the medium.
class Survival {
public:
    explicit Survival(SeededRandom& random) : random_(random), style_(random.next() % 4) {}

    // A number from 0 (what the medium has already) to `versions` (the last of those written since).
    std::size_t pick(std::size_t versions);

private:
    SeededRandom& random_;
    std::uint64_t style_;  // 0: nothing survives, 1: everything, else each for itself
};

class MemoryContents {
public:
    ByteView now() const { return now_; }
    void write(std::size_t offset, ByteView bytes);

    void sync();
    // As at a failed sync: some changes reach the medium, the others never will.
    void settle(Survival& survival);
    // Shows what the medium has.
    void forget() { now_ = medium_; }

private:
    void put_on_medium(std::size_t sector, const Bytes& bytes);

    Bytes now_;
    Bytes medium_;
    std::map<std::size_t, std::vector<Bytes>> unsynced_;  // a sector's versions, oldest first
    std::vector<std::size_t> unsynced_sizes_;
};

}  // namespace wcmp::io
