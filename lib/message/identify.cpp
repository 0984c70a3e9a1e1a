#include "message/identify.h"

#include "crypto/sha256.h"
#include "message/layout.h"

namespace wcmp::message {
namespace {

// How much of the message the digest covers; 0 when it has none.
std::size_t digest_covers(ByteView message) {
    const auto header = parse_header(message);
    if (!header || header->suite != suite_1 || !exponents_in_range(header->body_exp, header->slot_exp))
        return 0;
    if (message.size() != message_bytes(header->body_exp, header->slot_exp)) return 0;
    return prefix_bytes(header->body_exp);
}

}  // namespace

struct Identifier::State {
    crypto::Sha256 hash;
};

Identifier::Identifier() : state_(std::make_unique<State>()) {}
Identifier::Identifier(Identifier&&) noexcept = default;
Identifier& Identifier::operator=(Identifier&&) noexcept = default;
Identifier::~Identifier() = default;

Identity Identifier::identify(ByteView message) {
    auto& hash = state_->hash;
    Identity result;
    const auto covered = digest_covers(message);
    if (covered > 0) {
        hash.update(message.first(covered));
        result.digest.bytes = hash.peek();
    }
    hash.update(message.subspan(covered));
    result.id.bytes = hash.finish();
    return result;
}

MessageId message_id(ByteView message) {
    return {crypto::sha256(message)};
}

}  // namespace wcmp::message
