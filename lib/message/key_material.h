// Public and secret keys as 65 bytes (FORMAT.md, section 2). A value that exists has passed every strict
// check.
#pragma once

#include "core/bytes.h"
#include "core/error.h"
#include "core/random.h"

namespace wcmp::message {

inline constexpr std::size_t key_bytes = 65;

// Semi-secret: whoever has one recognises the messages made with it and for it.
class PublicKey {
public:
    // E_KEY for anything that FORMAT.md, section 2, names.
    static Result<PublicKey> parse(ByteView bytes);

    ByteView bytes() const { return bytes_; }
    ByteView ed25519() const { return ByteView(bytes_).subspan(1, 32); }
    ByteView x25519() const { return ByteView(bytes_).subspan(33, 32); }

    auto operator<=>(const PublicKey&) const = default;

private:
    PublicKey() = default;
    friend class SecretKey;

    std::array<std::uint8_t, key_bytes> bytes_{};
};

// Wiped when it goes.
class SecretKey {
public:
    static Result<SecretKey> parse(ByteView bytes);
    static Result<SecretKey> generate(Random& random);

    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    SecretKey(SecretKey&&) = default;
    SecretKey& operator=(SecretKey&&) = default;
    ~SecretKey();

    ByteView bytes() const { return bytes_; }
    ByteView ed25519_seed() const { return ByteView(bytes_).subspan(1, 32); }
    ByteView x25519() const { return ByteView(bytes_).subspan(33, 32); }
    const PublicKey& public_key() const { return public_key_; }

private:
    SecretKey() = default;

    std::array<std::uint8_t, key_bytes> bytes_{};
    PublicKey public_key_;
};

}  // namespace wcmp::message
