#include "message/slot_writer.h"

#include "crypto/hpke.h"
#include "message/labels.h"
#include "message/recognise.h"

namespace wcmp::message {
namespace {

struct SlotMaker {
    const Digest& digest;
    const crypto::Secret32& message_key;
    Random& random;

    Result<Slot> sealed_to(ByteView x25519_key, Slot slot) const;
    Result<Slot> for_receiver(const PublicKey& receiver) const;
    Result<Slot> dummy() const;
};

ByteView tag_of(const Slot& slot) {
    return ByteView(slot).subspan(to_tag_at);
}

// enc and ct, with an ephemeral secret of its own; the tag is left as it is.
Result<Slot> SlotMaker::sealed_to(ByteView x25519_key, Slot slot) const {
    crypto::Secret32 ephemeral;
    WCMP_TRY(random.fill(ephemeral.writable()));
    const auto ct = MutableBytes(slot).subspan(ct_at, ct_bytes);
    std::ranges::copy(message_key.view(), ct.begin());
    const auto enc =
        crypto::hpke_seal(ephemeral.view(), x25519_key, as_bytes(labels::slot), digest.view(), ct);
    if (!enc) {
        crypto::wipe(slot);
        return std::unexpected(enc.error());
    }
    std::ranges::copy(*enc, slot.begin() + enc_at);
    return slot;
}

Result<Slot> SlotMaker::for_receiver(const PublicKey& receiver) const {
    Slot slot{};
    std::ranges::copy(TagKey(receiver).to_tag(digest).bytes, slot.begin() + to_tag_at);
    return sealed_to(receiver.x25519(), slot);
}

// Sealed to a key whose secret is gone when this returns: random bytes in place of enc or ct could be told
// from real ones.
Result<Slot> SlotMaker::dummy() const {
    crypto::Secret32 throwaway;
    WCMP_TRY(random.fill(throwaway.writable()));
    WCMP_ASSIGN(const auto nobody, crypto::x25519_public_key(throwaway.view()));
    WCMP_ASSIGN(auto slot, sealed_to(nobody, Slot{}));
    WCMP_TRY(random.fill(MutableBytes(slot).subspan(to_tag_at)));
    return slot;
}

Result<void> sort_by_tag(std::vector<Slot>& slots) {
    const auto before = [](const Slot& a, const Slot& b) {
        return std::ranges::lexicographical_compare(tag_of(a), tag_of(b));
    };
    const auto same = [](const Slot& a, const Slot& b) { return std::ranges::equal(tag_of(a), tag_of(b)); };
    std::ranges::sort(slots, before);
    if (std::ranges::adjacent_find(slots, same) != slots.end())
        return fail(Errc::order, "two slots drew the same tag");
    return {};
}

}  // namespace

Result<std::vector<Slot>> make_slots(std::span<const PublicKey> receivers, std::size_t count,
                                     const Digest& digest, const crypto::Secret32& message_key,
                                     Random& random) {
    const SlotMaker maker{digest, message_key, random};
    std::vector<Slot> slots;
    slots.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        WCMP_ASSIGN(const auto slot, i < receivers.size() ? maker.for_receiver(receivers[i]) : maker.dummy());
        slots.push_back(slot);
    }
    WCMP_TRY(sort_by_tag(slots));
    return slots;
}

}  // namespace wcmp::message
