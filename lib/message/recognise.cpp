#include "message/recognise.h"

#include "crypto/hmac.h"
#include "message/labels.h"

namespace wcmp::message {

struct TagKey::State {
    crypto::HmacKey key;

    HintTag tag(std::string_view label, ByteView of) {
        key.update(as_bytes(label));
        key.update(of);
        return HintTag::from(key.finish());
    }
};

TagKey::TagKey(const PublicKey& key) : state_(std::make_unique<State>(crypto::HmacKey(key.bytes()))) {}
TagKey::TagKey(TagKey&&) noexcept = default;
TagKey& TagKey::operator=(TagKey&&) noexcept = default;
TagKey::~TagKey() = default;

HintTag TagKey::to_tag(const Digest& digest) {
    return state_->tag(labels::to, digest.view());
}

HintTag TagKey::from_tag(const Nonce1& nonce1) {
    return state_->tag(labels::from, nonce1.view());
}

}  // namespace wcmp::message
