// Goes through a whole store without changing anything in it: every message of every bundle, the journals,
// the state. For an operator who wants to know whether a disk can be trusted, while no relay works on it.
#pragma once

#include "bundle/name.h"
#include "core/error.h"
#include "core/random.h"
#include "io/file.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace wcmp::store {

struct StoreCheck {
    std::uint64_t bundles = 0;
    std::uint64_t messages = 0;  // as the headers say: copies count twice
    std::uint64_t bytes = 0;     // of the files of bundles
    std::uint64_t bad_messages = 0;
    std::vector<bundle::Name> damaged;  // with bad messages, or a header or index that is wrong
    std::uint64_t void_files = 0;       // left by a crash: worth nothing, and no harm
    std::uint64_t unknown_format = 0;
    std::uint64_t journal_messages = 0;  // acknowledged, and not in a bundle yet
    std::optional<Error> state{};        // why `state` cannot be used
    std::uint64_t unreadable = 0;        // files that the disk did not give whole

    bool sound() const { return damaged.empty() && unknown_format == 0 && !state && unreadable == 0; }
};

// Bytes of bundles gone through, and how many there are.
using StoreCheckProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// The caller holds the store's lock. Errors: the directory cannot be listed; cancelled. Linear.
Result<StoreCheck> check_store(const io::Directory& directory, Random& random,
                               const StoreCheckProgress& progress, const std::stop_token& stop);

}  // namespace wcmp::store
