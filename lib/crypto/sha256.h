// SHA-256 (FIPS 180-4), incrementally.
#pragma once

#include "core/bytes.h"

#include <memory>

namespace wcmp::crypto {

using Hash256 = std::array<std::uint8_t, 32>;

class Sha256 {
public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void update(ByteView bytes);

    // The hash of all that was given since the start or the last finish(); then starts anew.
    Hash256 finish();

    // The hash of what was given so far; goes on from there.
    Hash256 peek() const;

    // Another one that goes on from what was given to this one so far.
    Sha256 fork() const;

private:
    struct State;
    explicit Sha256(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

Hash256 sha256(ByteView bytes);

}  // namespace wcmp::crypto
