// Small bundles of the taking side that become part of what is written (lib/bundle/BUNDLE.md, section 3, step
// 4).
#pragma once

#include "bundle/selection.h"
#include "message/relay_check.h"
#include "sync/plan.h"

#include <vector>

namespace wcmp::sync {

// Adds the live messages of the bundles that are absorbed to a transfer that is one piece, and answers their
// names: they are covered once that piece is committed. Does nothing for a transfer of more than one piece,
// and takes no more than lets the output fit into room_bytes: what is new must not fail for the sake of the
// old. `taking` are the bundles of the side that is written, with the digests of their verified indexes.
std::vector<bundle::Name> absorb(Transfer& transfer, const Readers& taking,
                                 const std::vector<std::shared_ptr<const bundle::IndexDigests>>& digests,
                                 const std::vector<bool>& excluded, const message::Today& today,
                                 std::uint64_t room_bytes);

}  // namespace wcmp::sync
