// HMAC-SHA-256 (RFC 2104).
#pragma once

#include "crypto/sha256.h"

#include <memory>

namespace wcmp::crypto {

// A key whose schedule is computed once. Not for two threads at once.
class HmacKey {
public:
    explicit HmacKey(ByteView key);  // of any length
    HmacKey(HmacKey&&) noexcept;
    HmacKey& operator=(HmacKey&&) noexcept;
    HmacKey(const HmacKey&) = delete;
    HmacKey& operator=(const HmacKey&) = delete;
    ~HmacKey();

    void update(ByteView bytes);

    // The code of all that was given since the start or the last finish(); then starts anew.
    Hash256 finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

Hash256 hmac_sha256(ByteView key, ByteView message);

}  // namespace wcmp::crypto
