// Reads the store's copies of what some bundles of a drive hold (lib/bundle/BUNDLE.md, section 3, step 4).
#pragma once

#include "sync/plan.h"

#include <functional>
#include <optional>
#include <stop_token>

namespace wcmp::sync {

struct HeldCheck {
    const Readers& store;
    const Readers& drive;  // those bundles alone
    const message::AdmissionRules& admission;
    const message::Today& today;
    const Retention& retention;  // what the store is about to let go, it does not hold
    std::size_t buffer_bytes = 0;
    std::function<void(std::uint64_t bytes)> told{};  // after each message
};

struct Held {
    // By bundle of the drive: how many live messages it has, where the store gave a good copy of each.
    std::vector<std::optional<std::uint64_t>> messages;
    std::vector<bool> covering;  // by bundle of the store: copies in it were counted on
};

// Each message is read and hashed. Errors: a medium's as a whole; cancelled.
Result<Held> check_held(const HeldCheck& check, const std::stop_token& stop);

}  // namespace wcmp::sync
