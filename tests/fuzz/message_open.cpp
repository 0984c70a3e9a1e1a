// A receiver with fixed keys. The input says how to write a message, which bytes of it to change, and what is
// in the frame: so the fuzzer gets past the tags and the AEAD, which random bytes never would. A changed
// message must not open; an unchanged one must.
#include "core/cursor.h"
#include "crypto/hpke.h"
#include "message/key_schedule.h"
#include "message/labels.h"
#include "message/open.h"
#include "message/recognise.h"
#include "message/seal.h"

#include <cstdlib>

namespace {

using namespace wcmp;
using namespace wcmp::message;

constexpr Day written{20'000};

void require(bool holds) {
    if (!holds) std::abort();
}

struct People {
    SeededRandom random{1};
    SecretKey alice = SecretKey::generate(random).value();
    SecretKey bob = SecretKey::generate(random).value();
    std::vector<PublicKey> to{bob.public_key()};
    std::vector<PublicKey> contacts{alice.public_key()};
};

const People& people() {
    static const People result;
    return result;
}

Result<Opened> bob_opens(ByteView message, bool knows_alice) {
    ReplaySet seen;
    std::span<const PublicKey> contacts(people().contacts);
    return open(message, std::span(&people().bob, 1), contacts.first(knows_alice ? 1 : 0), {.floor = written},
                seen);
}

Bytes sealed(ByteView content, std::uint64_t seed) {
    SeededRandom random(seed);
    return seal({.sender = &people().alice,
                 .receivers = people().to,
                 .content = content,
                 .expires = Day{20'034}},
                random)
        .value();
}

// XORs bytes at places that the input names. True when something differs in the end.
bool change(Bytes& message, Cursor& input) {
    const auto before = message;
    while (input.remaining() >= 3) {
        const auto at = *input.u16() % message.size();
        message[at] ^= *input.u8();
    }
    return message != before;
}

void seal_then_change(Cursor& input) {
    const auto seed = input.u8();
    const auto length = input.u8();
    if (!seed || !length) return;
    auto content = input.take(std::min<std::size_t>(*length, input.remaining())).value();
    auto message = sealed(content, *seed);
    const bool changed = change(message, input);
    const auto opened = bob_opens(message, true);
    require(opened.has_value() == !changed);
    if (opened) require(std::ranges::equal(opened->content, content) && opened->sender.has_value());
    if (!opened) require(is_format_class(opened.error().code));
}

crypto::Secret32 key_of(ByteView message) {
    const auto header = parse_header(message).value();
    const auto digest = Identifier().identify(message).digest;
    const auto tag = TagKey(people().bob.public_key()).to_tag(digest);
    std::size_t i = 0;
    while (!std::ranges::equal(slot_at(message, header, i).to_tag, tag.view())) ++i;
    crypto::Secret<ct_bytes> buffer;
    std::ranges::copy(slot_at(message, header, i).ct, buffer.data());
    const auto& bob = people().bob;
    require(crypto::hpke_open({.secret_key = bob.x25519(), .public_key = bob.public_key().x25519()},
                              slot_at(message, header, i).enc, as_bytes(labels::slot), digest.view(),
                              buffer.writable())
                .has_value());
    crypto::Secret32 key;
    std::ranges::copy(buffer.view().first(32), key.data());
    return key;
}

// Writes K's body anew with the frame that the input gives, and the slots that follow from it, as a sender
// who breaks the rules would.
Bytes with_frame(ByteView frame) {
    auto message = sealed({}, 7);
    const auto header_bytes = ByteView(message).first(limits::message_header_bytes);
    const auto key = key_of(message);
    const auto keys = derive_keys(key, header_bytes);
    const auto body = MutableBytes(message).subspan(limits::message_header_bytes, 1024);
    std::ranges::fill(body, std::uint8_t{0});
    std::ranges::copy(frame.first(std::min<std::size_t>(frame.size(), 1008)), body.begin());
    require(seal_body(keys, header_bytes, body).has_value());
    const auto digest = Identifier().identify(message).digest;
    const auto slot = MutableBytes(message).subspan(prefix_bytes(10), slot_bytes);
    std::ranges::copy(key.view(), slot.begin() + ct_at);
    const auto enc = crypto::hpke_seal(Bytes(32, 5), people().bob.public_key().x25519(),
                                       as_bytes(labels::slot), digest.view(), slot.subspan(ct_at, ct_bytes));
    std::ranges::copy(enc.value(), slot.begin());
    std::ranges::copy(TagKey(people().bob.public_key()).to_tag(digest).view(), slot.begin() + to_tag_at);
    return message;
}

// The frame's rule, read from the text a second time.
bool frame_is_right(ByteView frame) {
    Bytes whole(frame.begin(),
                frame.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(frame.size(), 1008)));
    whole.resize(1008);
    const auto length =
        std::size_t{whole[0]} << 24 | std::size_t{whole[1]} << 16 | std::size_t{whole[2]} << 8 | whole[3];
    if (length > content_bytes_max(10)) return false;
    return std::all_of(whole.begin() + 4 + static_cast<std::ptrdiff_t>(length), whole.end(),
                       [](std::uint8_t byte) { return byte == 0; });
}

void break_the_frame(Cursor& input) {
    const auto frame = input.take(input.remaining()).value();
    const auto message = with_frame(frame);
    const auto opened = bob_opens(message, false);
    if (!opened && opened.error().code == Errc::order) return;  // the new tag does not come first
    require(opened.has_value() == frame_is_right(frame));
    if (!opened) require(opened.error().code == Errc::frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Cursor input(ByteView(data, size));
    const auto way = input.u8();
    if (!way) return 0;
    if (*way % 3 == 0) break_the_frame(input);
    if (*way % 3 == 1) seal_then_change(input);
    if (*way % 3 == 2) (void)bob_opens(input.take(input.remaining()).value(), true);
    return 0;
}
