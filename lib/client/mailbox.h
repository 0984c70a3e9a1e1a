// Between a person's vault and the relay: finds what is for the person, and keeps what the person sent alive.
#pragma once

#include "client/compose.h"
#include "client/judged_day.h"
#include "client/relay.h"
#include "client/vault.h"

#include <vector>

namespace wcmp::client {

struct Exchanged {
    std::vector<std::uint32_t> received;  // numbers of new letters
    std::size_t sent_again = 0;           // the relay no longer had them
    std::size_t not_taken = 0;            // the relay refused to take them again
    std::size_t forgotten = 0;            // sent letters that expired
    std::vector<std::uint32_t> damaged;   // sent letters that cannot be sent again: their files are not whole
};

class Mailbox {
public:
    Mailbox(Vault& vault, Relay& relay, const OwnClock& clock)
        : vault_(vault), relay_(relay), clock_(clock) {}

    // What day it is, by the relay, the own clock, and what was kept of earlier days.
    Result<JudgedDay> today();

    // The last answer of today(), and what the relay had said.
    const JudgedDay& judged() const { return judged_; }
    Day relay_day() const { return relay_day_; }

    // What was enqueued a moment ago is not among what can be received yet: relays show arrivals in batches
    // (lib/api/API.md, "Bundles"). This ends the batch. A relay that cannot write gives what it has.
    Result<void> ask_for_latest();

    // Receives, enqueues again what the relay lost, forgets what surely expired, and saves the vault. Letters
    // become durable before the cursor that passes them. After an error `done` has what was received until
    // then; the vault must not be saved any more.
    Result<void> exchange(Exchanged& done);

    // Keeps the letter until it expires, durably, then enqueues it. A letter that the relay can never take is
    // not kept. After any other error it is kept, and exchange() tries again: `kept` tells.
    struct Sent {
        Letter letter;  // with its number
        bool kept = false;
        Result<void> enqueued;
    };
    Result<Sent> send(SealedLetter sealed);

private:
    Result<void> receive(Exchanged& done);
    Result<void> send_all_again(Exchanged& done);
    Result<void> send_again(const Letter& letter, Exchanged& done);
    void forget(Day sure, Exchanged& done);

    Vault& vault_;
    Relay& relay_;
    OwnClock clock_;
    JudgedDay judged_;
    Day relay_day_;
};

}  // namespace wcmp::client
