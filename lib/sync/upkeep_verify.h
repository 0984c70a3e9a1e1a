// Reads some of a directory's messages at random, so that what rots on a medium is found.
#pragma once

#include "sync/plan.h"

namespace wcmp::sync {

struct SomeVerified {
    std::uint64_t bytes = 0;
    std::vector<std::size_t> invalid;  // bundles with a message that is not what the index says
};

// A random 1/16 of the bytes of each bundle, one run of messages, at most 64 MiB in all; at least one
// message each. What cannot be read is passed over. Errors: cancelled; the system's source of randomness.
Result<SomeVerified> verify_some(const Readers& bundles, Random& random, const std::stop_token& stop);

}  // namespace wcmp::sync
