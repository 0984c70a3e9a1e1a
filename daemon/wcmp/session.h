// What every command has: the options that stand before or after it, the vault, the relay.
#pragma once

#include "build_day.h"
#include "client/judged_day.h"
#include "client/relay.h"
#include "client/vault.h"
#include "failure.h"
#include "io/system_clock.h"
#include "passphrase.h"

#include <chrono>
#include <functional>
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

    // The passphrase is asked for once in a run. A home that another wcmp works in is waited for.
    Outcome<client::Vault> open_vault(std::chrono::seconds patience = home_patience);
    // With a new passphrase when there is no vault in the home yet.
    Outcome<client::Vault> open_or_create_vault();

    // What went wrong with a file of the home says which home it is.
    template <class T>
    Outcome<T> at_home(Result<T> result) const {
        const bool is_of_a_file =
            !result && result.error().os_error != 0 && result.error().code != Errc::remote;
        return at(is_of_a_file ? home_path() : std::string(), std::move(result));
    }

    client::Relay& relay();
    Random& random() { return random_; }
    client::OwnClock clock() const { return client::own_clock(io::SystemClock(), build_day()); }

    static constexpr std::chrono::seconds home_patience{10};

    // One line on standard error: what failed, and what the relay said about it.
    void complain(const Failure& failure) const;
    std::string complaint(const Failure& failure) const;

private:
    std::string home_path() const;
    Outcome<std::unique_ptr<io::Directory>> home(bool make) const;
    std::string vault_path() const { return home_path() + "/vault"; }
    Outcome<std::string_view> passphrase(Asking asking);
    using Open = std::function<Result<client::Vault>(std::unique_ptr<io::Directory>)>;
    Result<client::Vault> when_free(const Open& open, std::chrono::seconds patience);

    io::SystemRandom random_;
    std::optional<client::Relay> relay_;
    std::optional<Passphrase> passphrase_;
};

}  // namespace wcmp::program
