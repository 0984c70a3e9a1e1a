#include "message/open.h"

#include "core/cursor.h"
#include "crypto/hpke.h"
#include "message/key_schedule.h"
#include "message/labels.h"
#include "message/recognise.h"

namespace wcmp::message {
namespace {

// A slot that bears the tag of an own key.
struct Recognised {
    std::size_t slot = 0;
    std::size_t own_key = 0;
};

struct Received {
    ByteView message;
    Header header;
    Identity identity;

    ByteView header_bytes() const { return message.first(limits::message_header_bytes); }
    ByteView body() const {
        return message.subspan(header_bytes().size(), std::size_t{1} << header.body_exp);
    }
    ByteView nonce2() const { return message.subspan(header_bytes().size() + body().size(), nonce2_bytes); }
    ByteView masked_signature() const { return message.last(signature_bytes); }
};

// What does not verify has the class of its step; what the system refused stays what it is.
Error with_class(const Error& error, Errc format_class) {
    return error.code == Errc::invalid ? Error{format_class, error.what} : error;
}

Result<Received> receive(ByteView message, const Today& today) {
    WCMP_TRY(relay_check(message, today));
    WCMP_ASSIGN(const auto header, parse_header(message));
    if (header.suite != suite_1) return fail(Errc::suite, "a suite that is not known");
    return Received{message, header, Identifier().identify(message)};
}

// In slot order. Every tag is compared with every slot, so that the time does not tell which one is ours.
std::vector<Recognised> recognise(const Received& received, std::span<const SecretKey> own) {
    std::vector<HintTag> tags;
    for (const auto& key : own) tags.push_back(TagKey(key.public_key()).to_tag(received.identity.digest));
    std::vector<Recognised> result;
    for (std::size_t slot = 0; slot < std::size_t{1} << received.header.slot_exp; ++slot)
        for (std::size_t i = 0; i < tags.size(); ++i)
            if (crypto::equal_constant_time(slot_at(received.message, received.header, slot).to_tag,
                                            tags[i].view()))
                result.push_back({slot, i});
    return result;
}

std::vector<PublicKey> claimed_senders(const Received& received, std::span<const PublicKey> contacts) {
    std::vector<PublicKey> result;
    for (const auto& contact : contacts)
        if (crypto::equal_constant_time(TagKey(contact).from_tag(received.header.nonce1).view(),
                                        received.header.from_tag.view()))
            result.push_back(contact);
    return result;
}

// Step 5a: K out of the slot.
Result<crypto::Secret32> open_slot(const Received& received, std::size_t index, const SecretKey& own) {
    const auto slot = slot_at(received.message, received.header, index);
    crypto::Secret<ct_bytes> buffer;
    std::ranges::copy(slot.ct, buffer.data());
    const auto opened =
        crypto::hpke_open({.secret_key = own.x25519(), .public_key = own.public_key().x25519()}, slot.enc,
                          as_bytes(labels::slot), received.identity.digest.view(), buffer.writable());
    if (!opened) return std::unexpected(with_class(opened.error(), Errc::slot));
    crypto::Secret32 message_key;
    std::ranges::copy(buffer.view().first(message_key.size()), message_key.data());
    return message_key;
}

// Step 5c: the sender, or none when nobody is claimed.
Result<std::optional<PublicKey>> verify_sender(const Received& received, const MessageKeys& keys,
                                               std::span<const PublicKey> claimed) {
    if (claimed.empty()) return std::nullopt;
    const auto signature = masked(received.masked_signature(), keys);
    const auto text = signed_bytes(received.message);
    for (const auto& sender : claimed) {
        WCMP_ASSIGN(const bool verified, crypto::ed25519_verify(sender.ed25519(), text, signature));
        if (verified) return sender;
    }
    return fail(Errc::signature, "the claimed sender did not sign this");
}

// Step 5e: the content out of the frame.
Result<Bytes> unframe(Bytes frame) {
    Cursor cursor(frame);
    WCMP_ASSIGN(const auto length, cursor.u32());
    if (length > cursor.remaining()) return fail(Errc::frame, "the content is longer than its frame");
    const auto content_end = frame.begin() + content_len_bytes + static_cast<std::ptrdiff_t>(length);
    if (std::any_of(content_end, frame.end(), [](std::uint8_t byte) { return byte != 0; }))
        return fail(Errc::frame, "the padding is not zero");
    frame.erase(content_end, frame.end());
    frame.erase(frame.begin(), frame.begin() + content_len_bytes);
    return frame;
}

// Steps 5d and 5e.
Result<Bytes> open_content(const Received& received, const MessageKeys& keys) {
    Bytes frame(received.body().begin(), received.body().end());
    if (const auto opened = open_body(keys, received.header_bytes(), frame); !opened)
        return std::unexpected(with_class(opened.error(), Errc::body));
    frame.resize(frame.size() - body_tag_bytes);
    return unframe(std::move(frame));
}

Result<Opened> open_with(const Received& received, const Recognised& found, const SecretKey& own,
                         std::span<const PublicKey> claimed) {
    WCMP_ASSIGN(const auto message_key, open_slot(received, found.slot, own));
    const auto keys = derive_keys(message_key, received.header_bytes());
    if (!crypto::equal_constant_time(keys.nonce2.view(), received.nonce2()))
        return fail(Errc::commit, "nonce2 is not that of K");
    WCMP_ASSIGN(const auto sender, verify_sender(received, keys, claimed));
    WCMP_ASSIGN(auto content, open_content(received, keys));
    return Opened{std::move(content), sender, found.own_key, received.identity};
}

// The first slot that opens; otherwise what went wrong with the first.
Result<Opened> open_any(const Received& received, std::span<const Recognised> found,
                        std::span<const SecretKey> own, std::span<const PublicKey> claimed) {
    auto first = open_with(received, found.front(), own[found.front().own_key], claimed);
    if (first) return first;
    for (const auto& next : found.subspan(1))
        if (auto opened = open_with(received, next, own[next.own_key], claimed)) return opened;
    return first;
}

}  // namespace

Result<Opened> open(ByteView message, std::span<const SecretKey> own, std::span<const PublicKey> contacts,
                    const Today& today, ReplaySet& seen) {
    WCMP_ASSIGN(const auto received, receive(message, today));
    const auto found = recognise(received, own);
    if (found.empty()) return fail(Errc::not_mine, "no slot for an own key");
    if (seen.contains(received.identity.digest)) return fail(Errc::replay, "delivered before");
    auto opened = open_any(received, found, own, claimed_senders(received, contacts));
    if (opened) seen.add(received.identity.digest, received.header.expires);
    return opened;
}

}  // namespace wcmp::message
