// The vault's plain text: counts and lengths before everything, integers big endian, as everywhere in this
// project.
#include "client/profile.h"
#include "core/cursor.h"
#include "core/writer.h"

namespace wcmp::client {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t text_bytes_max = 1024;
constexpr std::size_t list_items_max = std::size_t{1} << 20;

void put_text(Writer& out, std::string_view text) {
    out.u32(static_cast<std::uint32_t>(text.size()));
    out.bytes(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Result<std::string> take_text(Cursor& in) {
    WCMP_ASSIGN(const auto bytes, in.sized_bytes(text_bytes_max));
    return std::string(bytes.begin(), bytes.end());
}

void put_letter(Writer& out, const Letter& letter) {
    out.u32(letter.number);
    out.u8(static_cast<std::uint8_t>(letter.kind));
    out.bytes(letter.file);
    out.bytes(letter.id.view());
    out.u32(letter.expires.number);
    out.u32(letter.content_bytes);
    put_text(out, letter.own_key);
    out.u32(static_cast<std::uint32_t>(letter.contacts.size()));
    for (const auto& name : letter.contacts) put_text(out, name);
    out.u8(letter.read ? 1 : 0);
}

// Reads a count and so many things.
template <class Take>
Result<void> take_list(Cursor& in, Take take) {
    WCMP_ASSIGN(const auto count, in.u32());
    if (count > list_items_max) return fail(Errc::too_large, "a list of the vault is too long");
    for (std::uint32_t i = 0; i < count; ++i) WCMP_TRY(take());
    return {};
}

Result<Letter> take_letter(Cursor& in) {
    Letter letter;
    WCMP_ASSIGN(letter.number, in.u32());
    WCMP_ASSIGN(const auto kind, in.u8());
    if (kind > static_cast<std::uint8_t>(LetterKind::sent))
        return fail(Errc::invalid, "no such kind of letter");
    letter.kind = static_cast<LetterKind>(kind);
    WCMP_ASSIGN(const auto file, in.take(letter.file.size()));
    std::ranges::copy(file, letter.file.begin());
    WCMP_ASSIGN(letter.id, in.fixed<MessageId>());
    WCMP_ASSIGN(letter.expires.number, in.u32());
    WCMP_ASSIGN(letter.content_bytes, in.u32());
    WCMP_ASSIGN(letter.own_key, take_text(in));
    WCMP_TRY(take_list(in, [&]() -> Result<void> {
        WCMP_ASSIGN(auto name, take_text(in));
        letter.contacts.push_back(std::move(name));
        return {};
    }));
    WCMP_ASSIGN(const auto read, in.u8());
    letter.read = read != 0;
    return letter;
}

Result<void> take_keys(Cursor& in, Profile& profile) {
    WCMP_TRY(take_list(in, [&]() -> Result<void> {
        WCMP_ASSIGN(auto name, take_text(in));
        WCMP_ASSIGN(const auto bytes, in.take(message::key_bytes));
        WCMP_ASSIGN(auto secret, message::SecretKey::parse(bytes));
        profile.keys.push_back({std::move(name), std::move(secret)});
        return {};
    }));
    return take_list(in, [&]() -> Result<void> {
        WCMP_ASSIGN(auto name, take_text(in));
        WCMP_ASSIGN(const auto bytes, in.take(message::key_bytes));
        WCMP_ASSIGN(const auto key, message::PublicKey::parse(bytes));
        profile.contacts.push_back({std::move(name), key});
        return {};
    });
}

Result<void> take_mail(Cursor& in, Profile& profile) {
    WCMP_TRY(take_list(in, [&]() -> Result<void> {
        WCMP_ASSIGN(auto letter, take_letter(in));
        profile.letters.push_back(std::move(letter));
        return {};
    }));
    return take_list(in, [&]() -> Result<void> {
        WCMP_ASSIGN(const auto digest, in.fixed<Digest>());
        WCMP_ASSIGN(const auto day, in.u32());
        profile.seen.add(digest, Day{day});
        return {};
    });
}

}  // namespace

Bytes encode_profile(const Profile& profile) {
    Bytes bytes;
    Writer out(bytes);
    out.u32(version);
    out.u32(static_cast<std::uint32_t>(profile.keys.size()));
    for (const auto& key : profile.keys) {
        put_text(out, key.name);
        out.bytes(key.secret.bytes());
    }
    out.u32(static_cast<std::uint32_t>(profile.contacts.size()));
    for (const auto& contact : profile.contacts) {
        put_text(out, contact.name);
        out.bytes(contact.key.bytes());
    }
    out.u32(static_cast<std::uint32_t>(profile.letters.size()));
    for (const auto& letter : profile.letters) put_letter(out, letter);
    out.u32(static_cast<std::uint32_t>(profile.seen.all().size()));
    for (const auto& [digest, day] : profile.seen.all()) {
        out.bytes(digest.view());
        out.u32(day.number);
    }
    put_text(out, profile.cursor);
    out.u32(profile.next_number);
    out.u32(profile.day.number);
    out.bytes(profile.mail_key.view());
    return bytes;
}

Result<Profile> decode_profile(ByteView bytes) {
    Cursor in(bytes);
    Profile profile;
    WCMP_ASSIGN(const auto found, in.u32());
    if (found != version) return fail(Errc::unsupported, "the vault was written by another version of wcmp");
    WCMP_TRY(take_keys(in, profile));
    WCMP_TRY(take_mail(in, profile));
    WCMP_ASSIGN(profile.cursor, take_text(in));
    WCMP_ASSIGN(profile.next_number, in.u32());
    WCMP_ASSIGN(profile.day.number, in.u32());
    WCMP_ASSIGN(const auto mail_key, in.take(profile.mail_key.size()));
    std::ranges::copy(mail_key, profile.mail_key.writable().begin());
    WCMP_TRY(in.finish());
    return profile;
}

}  // namespace wcmp::client
