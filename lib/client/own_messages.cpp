#include "client/own_messages.h"

#include "core/limits.h"
#include "crypto/secret.h"
#include "message/layout.h"

#include <algorithm>

namespace wcmp::client {
namespace {

// One request for messages asks for no more than this, or for one message.
constexpr std::uint64_t fetch_bytes_max = std::uint64_t{16} << 20;

}  // namespace

OwnMessages::OwnMessages(Vault& vault, Relay& relay, Day today)
    : vault_(vault), relay_(relay), today_(today) {
    for (const auto& contact : vault_.profile().contacts) senders_.push_back(contact.key);
    for (const auto& key : vault_.profile().keys) {
        tag_keys_.emplace_back(key.secret.public_key());
        secrets_.push_back(key.secret);
        const auto& own = key.secret.public_key();
        if (std::ranges::find(senders_, own) == senders_.end()) senders_.push_back(own);
    }
}

bool OwnMessages::is_for_us(const RecognitionRecord& record) {
    if (!record.known_suite || record.expires <= today_) return false;
    if (vault_.profile().seen.contains(record.digest)) return false;
    return std::ranges::any_of(tag_keys_, [&](message::TagKey& key) {
        const auto tag = key.to_tag(record.digest);
        return std::ranges::find(record.to_tags, tag) != record.to_tags.end();
    });
}

Result<void> OwnMessages::take(ByteView records, std::vector<std::uint32_t>& received) {
    std::vector<Wanted> wanted;
    WCMP_TRY(read_recognition(records, [&](const RecognitionRecord& record) {
        if (is_for_us(record)) wanted.push_back({record.id, record.message_bytes});
    }));
    std::span<const Wanted> left(wanted);
    while (!left.empty()) {
        std::size_t count = 1;
        std::uint64_t bytes = left[0].bytes;
        while (count < left.size() && count < limits::fetch_ids_max &&
               bytes + left[count].bytes <= fetch_bytes_max)
            bytes += left[count++].bytes;
        WCMP_TRY(fetch(left.first(count), received));
        left = left.subspan(count);
    }
    return {};
}

Result<void> OwnMessages::fetch(std::span<const Wanted> wanted, std::vector<std::uint32_t>& received) {
    std::vector<MessageId> ids;
    std::uint64_t bytes = 0;
    for (const auto& one : wanted) {
        ids.push_back(one.id);
        bytes += one.bytes;
    }
    WCMP_ASSIGN(const auto messages, relay_.fetch(ids, bytes));
    for (std::size_t i = 0; i < messages.size(); ++i)
        if (!messages[i].empty()) WCMP_TRY(open_and_keep(messages[i], ids[i], received));
    return {};
}

Result<void> OwnMessages::open_and_keep(ByteView message, const MessageId& id,
                                        std::vector<std::uint32_t>& received) {
    if (message::message_id(message) != id) return fail(Errc::remote, "the relay gave another message");
    auto& profile = vault_.profile();
    auto opened = message::open(message, secrets_, senders_, {.floor = today_}, profile.seen);
    if (!opened) {
        if (is_format_class(opened.error().code)) return {};
        return std::unexpected(opened.error());
    }
    const crypto::WipeOnExit wiped(opened->content);
    Letter letter;
    letter.kind = LetterKind::received;
    letter.id = id;
    letter.expires = message::parse_header(message)->expires;
    letter.own_key = profile.keys[opened->own_key].name;
    letter.content_bytes = static_cast<std::uint32_t>(opened->content.size());
    if (opened->sender) letter.contacts.push_back(name_of(*opened->sender));
    WCMP_ASSIGN(const auto* const kept, vault_.add_letter(std::move(letter), opened->content));
    received.push_back(kept->number);
    return {};
}

std::string OwnMessages::name_of(const message::PublicKey& key) const {
    const auto& profile = vault_.profile();
    if (const auto* const contact = profile.find_contact(key)) return contact->name;
    for (const auto& own : profile.keys)
        if (own.secret.public_key() == key) return own.name;
    return {};
}

}  // namespace wcmp::client
