// Making the slots of a message (FORMAT.md, section 5). Private to seal.
#pragma once

#include "core/random.h"
#include "crypto/secret.h"
#include "message/key_material.h"
#include "message/layout.h"

#include <span>
#include <vector>

namespace wcmp::message {

using Slot = std::array<std::uint8_t, slot_bytes>;

// `count` slots in the order of their tags: one for each receiver, the others dummies made by the same
// function.
Result<std::vector<Slot>> make_slots(std::span<const PublicKey> receivers, std::size_t count,
                                     const Digest& digest, const crypto::Secret32& message_key,
                                     Random& random);

}  // namespace wcmp::message
