#include "message/seal.h"

#include "core/writer.h"
#include "crypto/sha256.h"
#include "message/key_schedule.h"
#include "message/recognise.h"
#include "message/slot_writer.h"

namespace wcmp::message {
namespace {

struct Shape {
    unsigned body_exp = limits::body_exp_min;
    unsigned slot_exp = limits::slot_exp_min;
};

// The smallest bucket that may be taken unasked.
Result<unsigned> smallest_body_exp(std::size_t content_bytes) {
    for (unsigned exp = limits::body_exp_min; exp <= unasked_body_exp_max; ++exp)
        if (content_bytes <= content_bytes_max(exp)) return exp;
    return fail(Errc::too_large, "the content is over every bucket that may be chosen");
}

unsigned smallest_slot_exp(std::size_t receivers) {
    unsigned exp = limits::slot_exp_min;
    while ((std::size_t{1} << exp) < receivers) ++exp;
    return exp;
}

Result<Shape> choose_shape(const SealRequest& request) {
    if (request.receivers.size() > std::size_t{1} << limits::slot_exp_max)
        return fail(Errc::shape, "more receivers than slots");
    if (request.content.size() > content_bytes_max(limits::body_exp_max))
        return fail(Errc::too_large, "the content is over every bucket");
    Shape shape{.slot_exp = request.slot_exp.value_or(smallest_slot_exp(request.receivers.size()))};
    if (request.body_exp) {
        shape.body_exp = *request.body_exp;
    } else {
        WCMP_ASSIGN(shape.body_exp, smallest_body_exp(request.content.size()));
    }
    if (!exponents_in_range(shape.body_exp, shape.slot_exp))
        return fail(Errc::shape, "exponent out of range");
    if (request.content.size() > content_bytes_max(shape.body_exp))
        return fail(Errc::shape, "the body exponent is too small for the content");
    if (request.receivers.size() > std::size_t{1} << shape.slot_exp)
        return fail(Errc::shape, "the slot exponent is too small for the receivers");
    return shape;
}

Result<void> check_keys(const SealRequest& request) {
    if (!request.sender) return fail(Errc::key, "no sender");
    std::vector<PublicKey> sorted(request.receivers.begin(), request.receivers.end());
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
        return fail(Errc::key, "a receiver is named twice");
    return {};
}

Result<HintTag> make_from_tag(const SealRequest& request, const Nonce1& nonce1, Random& random) {
    if (!request.blind_sender) return TagKey(request.sender->public_key()).from_tag(nonce1);
    HintTag tag;
    WCMP_TRY(random.fill(tag.bytes));
    return tag;
}

void write_header(Writer& writer, const Header& header) {
    writer.u8(header.suite);
    writer.bytes(header.nonce1.view());
    writer.bytes(header.from_tag.view());
    writer.u32(header.expires.number);
    writer.u8(header.body_exp);
    writer.u8(header.slot_exp);
}

// Header, sealed body and nonce2.
Result<void> write_prefix(Bytes& message, const Header& header, ByteView content, const MessageKeys& keys) {
    const auto body =
        MutableBytes(message).subspan(limits::message_header_bytes, std::size_t{1} << header.body_exp);
    put_number(body.first(content_len_bytes), static_cast<std::uint32_t>(content.size()));
    std::ranges::copy(content, body.begin() + content_len_bytes);
    WCMP_TRY(seal_body(keys, ByteView(message).first(limits::message_header_bytes), body));
    std::ranges::copy(keys.nonce2.view(), body.end());
    return {};
}

Result<void> write_slots(Bytes& message, const Header& header, const SealRequest& request,
                         const crypto::Secret32& message_key, Random& random) {
    const auto prefix = ByteView(message).first(prefix_bytes(header.body_exp));
    const Digest digest{crypto::sha256(prefix)};
    WCMP_ASSIGN(const auto slots, make_slots(request.receivers, std::size_t{1} << header.slot_exp, digest,
                                             message_key, random));
    auto at = message.begin() + static_cast<std::ptrdiff_t>(prefix.size());
    for (const auto& slot : slots) at = std::ranges::copy(slot, at).out;
    return {};
}

Result<void> write_signature(Bytes& message, const SecretKey& sender, const MessageKeys& keys) {
    WCMP_ASSIGN(
        const auto signature,
        crypto::ed25519_sign(sender.ed25519_seed(), sender.public_key().ed25519(), signed_bytes(message)));
    std::ranges::copy(masked(signature, keys), message.end() - signature_bytes);
    return {};
}

}  // namespace

Result<Bytes> seal(const SealRequest& request, Random& random) {
    WCMP_TRY(check_keys(request));
    WCMP_ASSIGN(const auto shape, choose_shape(request));
    Header header{.suite = suite_1,
                  .nonce1 = {},
                  .from_tag = {},
                  .expires = request.expires,
                  .body_exp = static_cast<std::uint8_t>(shape.body_exp),
                  .slot_exp = static_cast<std::uint8_t>(shape.slot_exp)};
    crypto::Secret32 message_key;
    WCMP_TRY(random.fill(header.nonce1.bytes));
    WCMP_TRY(random.fill(message_key.writable()));
    WCMP_ASSIGN(header.from_tag, make_from_tag(request, header.nonce1, random));

    Bytes message;
    message.reserve(message_bytes(header.body_exp, header.slot_exp));
    Writer writer(message);
    write_header(writer, header);
    const auto keys = derive_keys(message_key, message);
    writer.zeros(message.capacity() - message.size());
    WCMP_TRY(write_prefix(message, header, request.content, keys));
    WCMP_TRY(write_slots(message, header, request, message_key, random));
    WCMP_TRY(write_signature(message, *request.sender, keys));
    return message;
}

}  // namespace wcmp::message
