// What every command has: the options that stand before or after it, the vault, the relay.
#pragma once

#include "client/relay.h"
#include "client/vault.h"
#include "failure.h"
#include "io/system_clock.h"
#include "passphrase.h"

#include <optional>
#include <string>
#include <string_view>

namespace wcmp::program {

struct GeneralOptions {
    std::string home;
    std::string socket;
    std::string passphrase_file;
    bool json = false;
};

class Session {
public:
    GeneralOptions options;

    // The passphrase is asked for once in a run.
    Outcome<client::Vault> open_vault();
    // With a new passphrase when there is no vault in the home yet.
    Outcome<client::Vault> open_or_create_vault();

    client::Relay& relay();
    Random& random() { return random_; }

    // One line on standard error: what failed, and what the relay said about it.
    void complain(const Failure& failure) const;

private:
    Outcome<std::unique_ptr<io::Directory>> home(bool make) const;
    Outcome<std::string_view> passphrase(Asking asking);

    io::SystemRandom random_;
    std::optional<client::Relay> relay_;
    std::optional<Passphrase> passphrase_;
};

}  // namespace wcmp::program
