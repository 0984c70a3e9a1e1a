#include "client/compose.h"

#include "core/limits.h"
#include "message/identify.h"
#include "message/seal.h"

#include <algorithm>

namespace wcmp::client {
namespace {

Result<std::vector<message::PublicKey>> receivers_of(const Profile& profile, const Draft& draft) {
    if (draft.to.empty()) return fail(Errc::invalid, "a message needs somebody to go to");
    std::vector<message::PublicKey> receivers;
    for (const auto& name : draft.to) {
        const auto* const contact = profile.find_contact(name);
        if (contact == nullptr) return fail(Errc::not_found, "no contact has this name");
        if (std::ranges::find(receivers, contact->key) == receivers.end()) receivers.push_back(contact->key);
    }
    return receivers;
}

Result<OwnKey> sender_of(const Profile& profile, const Draft& draft, Random& random) {
    if (draft.anonymous) {
        WCMP_ASSIGN(auto secret, message::SecretKey::generate(random));
        return OwnKey{.name = {}, .secret = std::move(secret)};
    }
    if (profile.keys.empty()) return fail(Errc::not_found, "there is no own key yet");
    if (draft.from.empty()) {
        if (profile.keys.size() > 1)
            return fail(Errc::invalid, "there are several own keys, and none was chosen");
        return profile.keys.front();
    }
    const auto* const key = profile.find_key(draft.from);
    if (key == nullptr) return fail(Errc::not_found, "no own key has this name");
    return *key;
}

Result<std::optional<unsigned>> body_exp_of(std::size_t content_bytes, bool large) {
    if (content_bytes <= message::content_bytes_max(message::unasked_body_exp_max)) return std::nullopt;
    if (!large) return fail(Errc::too_large, "the content is larger than what dummies hide");
    for (unsigned exp = message::unasked_body_exp_max + 1; exp <= limits::body_exp_max; ++exp)
        if (content_bytes <= message::content_bytes_max(exp)) return exp;
    return fail(Errc::too_large, "the content is larger than any message can hold");
}

}  // namespace

Result<SealedLetter> compose(const Profile& profile, const Draft& draft, ByteView content, Day today,
                             Random& random) {
    WCMP_ASSIGN(const auto receivers, receivers_of(profile, draft));
    WCMP_ASSIGN(const auto sender, sender_of(profile, draft, random));
    WCMP_ASSIGN(const auto body_exp, body_exp_of(content.size(), draft.large));
    const Day expires = message::default_expiry(today, draft.lifetime_days);
    WCMP_ASSIGN(auto sealed, message::seal({.sender = &sender.secret,
                                            .receivers = receivers,
                                            .content = content,
                                            .expires = expires,
                                            .body_exp = body_exp},
                                           random));
    Letter letter;
    letter.kind = LetterKind::sent;
    letter.id = message::message_id(sealed);
    letter.expires = expires;
    letter.own_key = sender.name;
    for (const auto& name : draft.to)
        if (std::ranges::find(letter.contacts, name) == letter.contacts.end())
            letter.contacts.push_back(name);
    letter.content_bytes = static_cast<std::uint32_t>(content.size());
    letter.read = true;
    return SealedLetter{std::move(letter), std::move(sealed)};
}

}  // namespace wcmp::client
