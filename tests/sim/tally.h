// What a run counts.
#pragma once

#include <cstdint>
#include <ostream>

namespace wcmp::sim {

struct Tally {
    std::uint64_t steps = 0, visits = 0, disturbed = 0, tidied = 0, upkeeps = 0, power_cuts = 0, pulls = 0;
    std::uint64_t refusals = 0, restarts = 0, floods = 0, rotted_files = 0;
    std::uint64_t written = 0, acknowledged = 0, refused = 0, imported = 0, exported = 0;
    std::uint64_t evicted = 0, expired = 0, rotted_messages = 0, left_out = 0, displaced = 0;
    std::uint64_t trace = 0xcbf29ce484222325;  // of all that happened: equal for equal runs

    void add(const Tally& other);
    void note(std::uint64_t value) { trace = (trace ^ value) * 0x100000001b3; }
};

std::ostream& operator<<(std::ostream& out, const Tally& tally);

}  // namespace wcmp::sim
