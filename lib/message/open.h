// Reading a message as a receiver (FORMAT.md, section 9).
#pragma once

#include "message/identify.h"
#include "message/key_material.h"
#include "message/relay_check.h"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::message {

// Digests that were delivered, kept until their message expires.
class ReplaySet {
public:
    bool contains(const Digest& digest) const { return seen_.contains(digest); }
    void add(const Digest& digest, Day expires) { seen_.emplace(digest, expires); }
    // Forgets what is dead.
    void forget(Day floor) {
        std::erase_if(seen_, [floor](const auto& entry) { return entry.second <= floor; });
    }
    const std::map<Digest, Day>& all() const { return seen_; }

private:
    std::map<Digest, Day> seen_;
};

struct Opened {
    Bytes content;
    std::optional<PublicKey> sender;  // verified, or none: then it MUST be shown as unauthenticated
    std::size_t own_key = 0;          // which of the own keys opened it
    Identity identity;
};

// Tries everything in the order of the text. `seen` gains the digest on success only.
// E_* classes of sections 8 and 9.
Result<Opened> open(ByteView message, std::span<const SecretKey> own, std::span<const PublicKey> contacts,
                    const Today& today, ReplaySet& seen);

}  // namespace wcmp::message
