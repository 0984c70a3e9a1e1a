#include "resting_store.h"

#include "exit_codes.h"
#include "io/posix.h"
#include "store/state_file.h"

#include <cerrno>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::program {
namespace {

// Any folder can be looked at; one without a relay's state is most likely a slip.
Outcome<void> check_is_store(const std::string& path, const io::Directory& directory) {
    const auto state = directory.open(store::state_name);
    if (!state && state.error().code == Errc::not_found)
        return refuse(exit_nothing, path + ": this is no store of a relay ([store] path in wcmpd.toml)");
    return {};
}

// As sudo(8) takes it.
std::string user_text(uid_t user) {
    const auto* const entry = ::getpwuid(user);
    return entry != nullptr ? std::string(entry->pw_name) : "'#" + std::to_string(user) + "'";
}

// None: nobody can say, or it is who runs this.
std::optional<uid_t> other_owner(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || found.st_uid == ::geteuid()) return std::nullopt;
    return found.st_uid;
}

std::string line_to_run(uid_t owner, const std::string& command, const std::string& path) {
    return "run: sudo -u " + user_text(owner) + " wcmp store " + command + ' ' + path;
}

Outcome<void> check_is_own(const std::string& path, const std::string& command) {
    const auto owner = other_owner(path);
    if (!owner) return {};
    Failure failure(exit_nothing, path + ": this store is " + user_text(*owner) +
                                      "'s, and files of another user in it would keep the relay out");
    failure.advice = line_to_run(*owner, command, path);
    return std::unexpected(std::move(failure));
}

Outcome<std::unique_ptr<io::Directory>> open_folder(const std::string& path, const std::string& command) {
    auto directory = at(path, io::open_directory(path));
    if (directory || directory.error().code != Errc::denied) return directory;
    const auto owner = other_owner(path);
    directory.error().advice =
        owner ? line_to_run(*owner, command, path) : "run it as the user whom the relay runs as";
    return directory;
}

}  // namespace

Failure relay_works_in(const std::string& path) {
    const std::string what = ": the relay works in this store; stop it first (systemctl stop wcmpd.socket ";
    return {exit_nothing, path + what + "wcmpd), or ask it with `wcmp status`"};
}

Outcome<RestingStore> open_to_read(const std::string& path, const std::string& command) {
    WCMP_ASSIGN(auto directory, open_folder(path, command));
    WCMP_TRY(check_is_store(path, *directory));
    auto lock = directory->lock();
    if (!lock && lock.error().code == Errc::busy) return std::unexpected(relay_works_in(path));
    WCMP_ASSIGN(auto held, at(path, std::move(lock)));
    return RestingStore{std::move(directory), std::move(held)};
}

Outcome<std::unique_ptr<io::Directory>> open_to_change(const std::string& path, const std::string& command) {
    WCMP_TRY(check_is_own(path, command));
    WCMP_ASSIGN(auto directory, open_folder(path, command));
    WCMP_TRY(check_is_store(path, *directory));
    return directory;
}

}  // namespace wcmp::program
