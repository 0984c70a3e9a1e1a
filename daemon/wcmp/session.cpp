#include "session.h"

#include "client/places.h"
#include "client/printable.h"
#include "exit_codes.h"
#include "io/posix.h"

#include <iostream>

namespace wcmp::program {
namespace {

const char* const no_vault =
    "there is no vault in this home yet; `wcmp key new NAME` makes one (--home and WCMP_HOME choose another)";

}  // namespace

Outcome<std::unique_ptr<io::Directory>> Session::home(bool make) const {
    const auto path = client::choose_home(options.home, client::surroundings());
    if (path.empty()) return refuse(exit_usage, "no home is known: use --home or WCMP_HOME");
    auto opened = make ? io::open_or_make_directory(path) : io::open_directory(path);
    if (!opened && opened.error().code == Errc::not_found) return refuse(exit_nothing, no_vault);
    if (!opened) return std::unexpected(Failure(opened.error()));
    return std::move(*opened);
}

Outcome<std::string_view> Session::passphrase(Asking asking) {
    if (!passphrase_) {
        WCMP_ASSIGN(passphrase_, ask_passphrase(options.passphrase_file, asking));
    }
    return std::string_view(passphrase_->text());
}

Outcome<client::Vault> Session::open_vault() {
    WCMP_ASSIGN(auto directory, home(false));
    WCMP_ASSIGN(const bool there, client::Vault::exists(*directory));
    if (!there) return refuse(exit_nothing, no_vault);
    WCMP_ASSIGN(const auto text, passphrase(Asking::existing));
    WCMP_ASSIGN(auto vault, client::Vault::open(std::move(directory), text, random_));
    return vault;
}

Outcome<client::Vault> Session::open_or_create_vault() {
    WCMP_ASSIGN(auto directory, home(true));
    WCMP_ASSIGN(const bool there, client::Vault::exists(*directory));
    if (there) return open_vault();
    WCMP_ASSIGN(const auto text, passphrase(Asking::fresh));
    WCMP_ASSIGN(auto vault, client::Vault::create(std::move(directory), text, {}, random_));
    return vault;
}

client::Relay& Session::relay() {
    if (!relay_) relay_.emplace(client::choose_socket(options.socket, client::surroundings()));
    return *relay_;
}

void Session::complain(const Failure& failure) const {
    std::cerr << "wcmp: " << client::printable(failure.text);
    if (relay_ && relay_->problem().status != 0) {
        const auto& problem = relay_->problem();
        std::cerr << ": " << client::printable(problem.detail.empty() ? problem.code : problem.detail) << " ("
                  << problem.status << ' ' << client::printable(problem.code) << ')';
    } else if (failure.exit_code == exit_unavailable && relay_) {
        const auto path = client::choose_socket(options.socket, client::surroundings());
        std::cerr << " (" << client::printable(path.string())
                  << "); is wcmpd running? --socket and WCMP_SOCKET choose another";
    }
    std::cerr << '\n';
}

}  // namespace wcmp::program
