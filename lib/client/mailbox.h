// Between a person's vault and the relay: finds what is for the person, and keeps what the person sent alive.
#pragma once

#include "client/compose.h"
#include "client/relay.h"
#include "client/vault.h"

#include <vector>

namespace wcmp::client {

struct Exchanged {
    std::vector<std::uint32_t> received;  // numbers of new letters
    std::size_t sent_again = 0;           // the relay no longer had them
    std::size_t not_taken = 0;            // the relay refused to take them again
    std::size_t forgotten = 0;            // sent letters that expired
};

class Mailbox {
public:
    Mailbox(Vault& vault, Relay& relay) : vault_(vault), relay_(relay) {}

    // The relay's day, never below the highest that this vault has seen.
    Result<Day> today();

    // What was enqueued a moment ago is not among what can be received yet: relays show arrivals in batches
    // (lib/api/API.md, "Bundles"). This ends the batch. A relay that cannot write gives what it has.
    Result<void> ask_for_latest();

    // Receives, enqueues again what the relay lost, forgets what expired, and saves the vault. Letters become
    // durable before the cursor that passes them.
    Result<Exchanged> exchange();

    // Keeps the letter until it expires, durably, then enqueues it. A letter that the relay can never take is
    // not kept. After any other error it is kept, and exchange() tries again: `kept` tells.
    struct Sent {
        bool kept = false;
        Result<void> enqueued;
    };
    Result<Sent> send(SealedLetter sealed);

private:
    Result<void> receive(Day today, Exchanged& done);
    Result<void> send_again(Day today, Exchanged& done);

    Vault& vault_;
    Relay& relay_;
};

}  // namespace wcmp::client
