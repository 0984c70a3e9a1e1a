#include "crypto/hmac.h"

#include "crypto/secret.h"

#include <botan/hash.h>

namespace wcmp::crypto {
namespace {

constexpr std::size_t block_bytes = 64;

using Hash = std::unique_ptr<Botan::HashFunction>;

// The state after one block of the key xor `pad`: what every code under this key starts from.
Hash padded_start(ByteView key, std::uint8_t pad) {
    Secret<block_bytes> block;
    std::ranges::copy(key, block.data());
    for (auto& byte : block.writable()) byte ^= pad;
    auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    hash->update(block.data(), block_bytes);
    return hash;
}

}  // namespace

struct HmacKey::State {
    explicit State(ByteView short_key)
        : inner_start(padded_start(short_key, 0x36)),
          outer_start(padded_start(short_key, 0x5c)),
          inner(inner_start->copy_state()) {}

    Hash inner_start;
    Hash outer_start;
    Hash inner;
};

HmacKey::HmacKey(ByteView key) {
    if (key.size() <= block_bytes) {
        state_ = std::make_unique<State>(key);
        return;
    }
    auto hashed = sha256(key);
    state_ = std::make_unique<State>(hashed);
    wipe(hashed);
}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

void HmacKey::update(ByteView bytes) {
    state_->inner->update(bytes.data(), bytes.size());
}

Hash256 HmacKey::finish() {
    Hash256 result;
    state_->inner->final(result.data());
    const auto outer = state_->outer_start->copy_state();
    outer->update(result.data(), result.size());
    outer->final(result.data());
    state_->inner = state_->inner_start->copy_state();
    return result;
}

Hash256 hmac_sha256(ByteView key, ByteView message) {
    HmacKey keyed(key);
    keyed.update(message);
    return keyed.finish();
}

}  // namespace wcmp::crypto
