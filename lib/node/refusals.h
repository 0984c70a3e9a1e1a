// How many messages each rule has refused in this run. In memory only.
#pragma once

#include "node/service.h"

#include <span>

namespace wcmp::node {

// Adds to what is counted under a name; 0 adds no name.
inline void count(std::vector<Counted>& counts, std::string_view name, std::uint64_t number) {
    if (number == 0) return;
    for (auto& counted : counts) {
        if (counted.name != name) continue;
        counted.count += number;
        return;
    }
    counts.push_back({std::string(name), number});
}

class Refusals {
public:
    void add(std::string_view rule, std::uint64_t number = 1) { count(counts_, rule, number); }
    void add(std::span<const Counted> counts) {
        for (const auto& [rule, number] : counts) add(rule, number);
    }
    const std::vector<Counted>& counts() const { return counts_; }

private:
    std::vector<Counted> counts_;
};

}  // namespace wcmp::node
