#include "crypto/hmac.h"

#include "crypto/secret.h"

#include <botan/mac.h>

namespace wcmp::crypto {
namespace {

constexpr std::size_t block_bytes = 64;

// The library keeps the two padded key blocks and hashes them again for each code. Cloning the hash state
// after them instead saves two compressions but costs two allocations, which was measured to be twice as slow
// where the processor hashes by itself, and no faster elsewhere.
std::unique_ptr<Botan::MessageAuthenticationCode> keyed(ByteView key) {
    auto code = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    code->set_key(key.data(), key.size());
    return code;
}

}  // namespace

struct HmacKey::State {
    std::unique_ptr<Botan::MessageAuthenticationCode> code;
};

HmacKey::HmacKey(ByteView key) : state_(std::make_unique<State>()) {
    if (key.size() <= block_bytes) {
        state_->code = keyed(key);
        return;
    }
    auto hashed = sha256(key);  // as RFC 2104 has it; the library takes only keys of some length
    state_->code = keyed(hashed);
    wipe(hashed);
}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

void HmacKey::update(ByteView bytes) {
    state_->code->update(bytes.data(), bytes.size());
}

Hash256 HmacKey::finish() {
    Hash256 result;
    state_->code->final(result.data());
    return result;
}

Hash256 hmac_sha256(ByteView key, ByteView message) {
    HmacKey code(key);
    code.update(message);
    return code.finish();
}

}  // namespace wcmp::crypto
