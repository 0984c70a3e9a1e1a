// What follows from a message's key K and its header (FORMAT.md, sections 4 and 6). For seal and open.
#pragma once

#include "crypto/ed25519.h"
#include "crypto/secret.h"
#include "message/layout.h"

namespace wcmp::message {

struct MessageKeys {
    crypto::Secret32 body_key;
    crypto::Secret<nonce2_bytes> nonce2;  // in the message: the commitment to K and the header
    crypto::Secret<signature_bytes> mask;
};

MessageKeys derive_keys(const crypto::Secret32& message_key, ByteView header);

// The body under its key, in place; `header` is the associated data. See crypto/aead.h.
Result<void> seal_body(const MessageKeys& keys, ByteView header, MutableBytes body);
Result<void> open_body(const MessageKeys& keys, ByteView header, MutableBytes body);

// What the sender signs: the label and the message without its last 64 bytes.
Bytes signed_bytes(ByteView message);

// sig XOR mask; the same both ways.
crypto::Ed25519Signature masked(ByteView signature, const MessageKeys& keys);

}  // namespace wcmp::message
