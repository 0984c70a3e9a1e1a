// Picks out of the relay's recognition records what is for the own keys, fetches, opens and keeps it.
#pragma once

#include "client/recognition_record.h"
#include "client/relay.h"
#include "client/vault.h"
#include "message/recognise.h"

#include <span>
#include <string>
#include <vector>

namespace wcmp::client {

class OwnMessages {
public:
    OwnMessages(Vault& vault, Relay& relay, Day today);

    // One page of records. Appends the numbers of new letters. What turns out not to be for the person, or
    // was delivered before, is left alone: a matching tag proves nothing.
    Result<void> take(ByteView records, std::vector<std::uint32_t>& received);

private:
    struct Wanted {
        MessageId id;
        std::uint32_t bytes = 0;
    };

    bool is_for_us(const RecognitionRecord& record);
    Result<void> fetch(std::span<const Wanted> wanted, std::vector<std::uint32_t>& received);
    Result<void> open_and_keep(ByteView message, const MessageId& id, std::vector<std::uint32_t>& received);
    std::string name_of(const message::PublicKey& key) const;

    Vault& vault_;
    Relay& relay_;
    Day today_;
    std::vector<message::TagKey> tag_keys_;
    std::vector<message::SecretKey> secrets_;
    std::vector<message::PublicKey> senders_;  // the contacts, and oneself
};

}  // namespace wcmp::client
