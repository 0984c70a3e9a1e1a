// Recognition by tags, without bodies: what a client does with the relay's recognition records.
#pragma once

#include "core/ids.h"
#include "message/key_material.h"

#include <memory>

namespace wcmp::message {

// HMAC(public key, "WCMP-v1 to" || digest)[:16] and HMAC(public key, "WCMP-v1 from" || nonce1)[:16].
// Precomputes the HMAC key schedule once. Not for two threads at once.
class TagKey {
public:
    explicit TagKey(const PublicKey& key);
    TagKey(TagKey&&) noexcept;
    TagKey& operator=(TagKey&&) noexcept;
    TagKey(const TagKey&) = delete;
    TagKey& operator=(const TagKey&) = delete;
    ~TagKey();

    HintTag to_tag(const Digest& digest);
    HintTag from_tag(const Nonce1& nonce1);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wcmp::message
