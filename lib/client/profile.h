// What a person has: keys, contacts, letters, and what was delivered before. Lives in the vault.
#pragma once

#include "core/ids.h"
#include "crypto/secret.h"
#include "message/key_material.h"
#include "message/open.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wcmp::client {

struct OwnKey {
    std::string name;
    message::SecretKey secret;
};

struct Contact {
    std::string name;
    message::PublicKey key;
};

enum class LetterKind : std::uint8_t { received, sent };

// A message in the mailbox. Its content lies in a file of its own.
struct Letter {
    std::uint32_t number = 0;  // what the person calls it
    LetterKind kind = LetterKind::received;
    std::array<std::uint8_t, 16> file{};  // random: the name of the file
    MessageId id;
    Day expires;
    std::uint32_t content_bytes = 0;    // of what the receiver reads, also where the sealed message is kept
    std::string own_key;                // by which it was opened, or with which it was signed
    std::vector<std::string> contacts;  // the verified sender, if any; or the receivers
    bool read = false;
};

struct Profile {
    std::vector<OwnKey> keys;
    std::vector<Contact> contacts;
    std::vector<Letter> letters;
    message::ReplaySet seen;
    std::string cursor;  // of the relay's recognition
    std::uint32_t next_number = 1;
    Day day;                    // nothing that is dead on it is received (judged_day.h)
    crypto::Secret32 mail_key;  // of the letters' files

    const OwnKey* find_key(std::string_view name) const;
    const Contact* find_contact(std::string_view name) const;
    const Contact* find_contact(const message::PublicKey& key) const;
    Letter* find_letter(std::uint32_t number);
};

// 1 to 64 characters of UTF-8, all printable (printable.h), without spaces at either end. Errc::invalid
// otherwise.
Result<void> check_name(std::string_view name);

// The vault's plain text.
Bytes encode_profile(const Profile& profile);
Result<Profile> decode_profile(ByteView bytes);

}  // namespace wcmp::client
