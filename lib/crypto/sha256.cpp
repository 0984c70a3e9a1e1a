#include "crypto/sha256.h"

#include <botan/hash.h>

namespace wcmp::crypto {

struct Sha256::State {
    std::unique_ptr<Botan::HashFunction> hash = Botan::HashFunction::create_or_throw("SHA-256");
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(ByteView bytes) {
    state_->hash->update(bytes.data(), bytes.size());
}

Hash256 Sha256::finish() {
    Hash256 result;
    state_->hash->final(result.data());
    return result;
}

Hash256 Sha256::peek() const {
    Hash256 result;
    state_->hash->copy_state()->final(result.data());
    return result;
}

Sha256 Sha256::fork() const {
    return Sha256(std::make_unique<State>(State{state_->hash->copy_state()}));
}

Hash256 sha256(ByteView bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

}  // namespace wcmp::crypto
