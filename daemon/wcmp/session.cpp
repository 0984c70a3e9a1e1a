#include "session.h"

#include "client/places.h"
#include "client/printable.h"
#include "exit_codes.h"
#include "io/posix.h"

#include <cerrno>
#include <iostream>
#include <thread>

namespace wcmp::program {
namespace {

std::unexpected<Failure> no_vault(const std::string& home) {
    return refuse(exit_nothing, home +
                                    ": there is no vault in this home yet; `wcmp key new NAME` makes one " +
                                    "(--home and WCMP_HOME choose another)");
}

// What can be done about a vault that does not open.
Failure not_opened(const std::string& vault, const Error& error) {
    auto failure = at(vault, error);
    if (error.code == Errc::wrong_passphrase)
        failure.advice = "try again; if the passphrase is right, put a copy of the vault from before back";
    else if (failure.exit_code == exit_data)
        failure.advice = "put a copy of the vault from before back";
    return failure;
}

}  // namespace

std::string Session::home_path() const {
    return client::choose_home(options.home, client::surroundings()).string();
}

Outcome<std::unique_ptr<io::Directory>> Session::home(bool make) const {
    const auto path = home_path();
    if (path.empty()) return refuse(exit_usage, "no home is known: use --home or WCMP_HOME");
    auto opened = make ? io::open_or_make_directory(path) : io::open_directory(path);
    if (!opened && opened.error().os_error == ENOENT && !make) return no_vault(path);
    return at(path, std::move(opened));
}

Outcome<std::string_view> Session::passphrase(Asking asking) {
    if (!passphrase_) {
        WCMP_ASSIGN(passphrase_, ask_passphrase(options.passphrase_file, asking));
    }
    return std::string_view(passphrase_->text());
}

// Until the other wcmp has ended, or patience has: no event tells when a lock is free and gives up in time.
Result<client::Vault> Session::when_free(const Open& open, std::chrono::seconds patience) {
    constexpr std::chrono::milliseconds step{50};
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        WCMP_ASSIGN(auto directory, io::open_directory(home_path()));
        auto vault = open(std::move(directory));
        if (vault || vault.error().code != Errc::busy || std::chrono::steady_clock::now() >= end)
            return vault;
        std::this_thread::sleep_for(step);
    }
}

Outcome<client::Vault> Session::open_vault(std::chrono::seconds patience) {
    WCMP_ASSIGN(const auto directory, home(false));
    WCMP_ASSIGN(const bool there, at(vault_path(), client::Vault::exists(*directory)));
    if (!there) return no_vault(home_path());
    WCMP_ASSIGN(const auto text, passphrase(Asking::existing));
    auto vault =
        when_free([&](auto home) { return client::Vault::open(std::move(home), text, random_); }, patience);
    if (!vault) return std::unexpected(not_opened(vault_path(), vault.error()));
    return std::move(*vault);
}

Outcome<client::Vault> Session::open_or_create_vault() {
    WCMP_ASSIGN(const auto directory, home(true));
    WCMP_ASSIGN(const bool there, at(vault_path(), client::Vault::exists(*directory)));
    if (there) return open_vault();
    WCMP_ASSIGN(const auto text, passphrase(Asking::fresh));
    auto vault = when_free(
        [&](auto home) { return client::Vault::create(std::move(home), text, {}, random_); }, home_patience);
    if (!vault && vault.error().code == Errc::exists) return open_vault();  // made at the same time
    return at(home_path(), std::move(vault));
}

client::Relay& Session::relay() {
    if (!relay_) relay_.emplace(client::choose_socket(options.socket, client::surroundings()));
    return *relay_;
}

std::string Session::complaint(const Failure& failure) const {
    std::string text = "wcmp: " + client::printable(failure.text);
    if (relay_ && relay_->problem().status != 0) {
        const auto& problem = relay_->problem();
        text += ": " + client::printable(problem.detail.empty() ? problem.code : problem.detail) + " (" +
                std::to_string(problem.status) + ' ' + client::printable(problem.code) + ')';
    } else if (failure.exit_code == exit_unavailable && relay_) {
        const auto path = client::choose_socket(options.socket, client::surroundings());
        text += " (" + client::printable(path.string());
        text += failure.os_error == EACCES
                    ? "); it is for its owner and group only. --socket and WCMP_SOCKET choose another"
                    : "); is wcmpd running? --socket and WCMP_SOCKET choose another";
    }
    if (!failure.advice.empty()) text += "; " + client::printable(failure.advice);
    return text + '\n';
}

void Session::complain(const Failure& failure) const {
    std::cerr << complaint(failure);
}

}  // namespace wcmp::program
