// wcmp sync
#include "client/folder_sync.h"
#include "command.h"
#include "day_warning.h"
#include "exit_codes.h"
#include "interruption.h"
#include "io/posix.h"
#include "refusal_words.h"
#include "show.h"

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <boost/json/array.hpp>

namespace wcmp::program {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

std::uint64_t sum(const Counts& counts) {
    std::uint64_t total = 0;
    for (const auto& [name, number] : counts) total += number;
    return total;
}

boost::json::object by_name(const Counts& counts) {
    boost::json::object object;
    for (const auto& [name, number] : counts) object[name] = number;
    return object;
}

void report_lines(const client::FolderResult& result) {
    std::cout << "took " << result.imported << " messages from the folder, gave it " << result.exported
              << ", " << result.known << " were on both sides\n";
    for (const auto& [rule, number] : result.refused)
        std::cout << number << " not taken: " << refusal_in_words(rule) << '\n';
    if (const auto invalid = sum(result.invalid); invalid > 0) std::cout << invalid << " damaged messages\n";
    if (result.damaged > 0)
        std::cout << result.damaged << " damaged bundles: saved " << result.saved << " messages, lost "
                  << result.lost << '\n';
    if (result.damaged_left > 0)
        std::cout << result.damaged_left << " damaged bundles not gone through: too much could not be read\n";
    if (result.not_sent > 0) std::cout << result.not_sent << " not sent to the relay\n";
    if (result.not_exported > 0) std::cout << result.not_exported << " had no room in the folder\n";
}

void report(const Session& session, const client::FolderResult& result) {
    if (!session.options.json) return report_lines(result);
    print(boost::json::object{{"imported", result.imported},
                              {"exported", result.exported},
                              {"known", result.known},
                              {"refused", by_name(result.refused)},
                              {"invalid", by_name(result.invalid)},
                              {"damaged", result.damaged},
                              {"saved", result.saved},
                              {"lost", result.lost},
                              {"damaged_left", result.damaged_left},
                              {"not_sent", result.not_sent},
                              {"not_exported", result.not_exported}});
}

Outcome<std::unique_ptr<io::Directory>> open_drive(const std::string& path) {
    WCMP_ASSIGN(const auto top, at(path, io::open_directory(path)));
    auto drive = top->open_directory("WCMP");
    if (!drive && drive.error().os_error == ENOENT)
        return refuse(exit_nothing, path + ": not prepared; `wcmp drive init " + path + "` does it");
    if (!drive && (drive.error().os_error == ENOTDIR || drive.error().os_error == ELOOP))
        return refuse(exit_nothing, path + "/WCMP: a link or a file is where the folder should be");
    return at(path + "/WCMP", std::move(drive));
}

// What the folder has was taken in all the same.
Failure not_written(const std::string& path, const Error& error) {
    if (error.code == Errc::no_space)
        return {exit_nothing, path + ": the folder is full; not everything could be written to it"};
    if (error.code == Errc::read_only)
        return {exit_nothing,
                path + ": the folder is write-protected; it was read, nothing was written to it"};
    return at(path + "/WCMP", error);
}

// What the relay refused, it refused for everybody's sake; but the dead are nobody's loss.
Outcome<void> check_taken(const client::FolderResult& result) {
    if (result.relay_full)
        return refuse(exit_nothing,
                      "the relay has no room: not everything in the folder was taken; "
                      "`wcmp status` tells more");
    const auto dead = result.refused.find("expired");
    const auto refused = sum(result.refused) - (dead == result.refused.end() ? 0 : dead->second);
    if (refused > 0)
        return refuse(exit_nothing, "a rule of the relay refused " + std::to_string(refused) + " messages");
    return {};
}

Failure no_scratch(const std::string& scratch, const Error& error) {
    auto failure = at(scratch, error);
    failure.exit_code = exit_nothing;
    if (error.code == Errc::no_space)
        failure.text = scratch + ": no room for messages on their way to the relay";
    failure.advice = "make room there, or let TMPDIR name another folder";
    return failure;
}

std::string scratch_folder() {
    const char* const named = std::getenv("TMPDIR");
    return named != nullptr && *named != '\0' ? named : "/tmp";
}

Done run_sync(Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto drive, open_drive(path));
    const auto scratch = scratch_folder();
    client::FolderResult result;
    const Interruption interruption;
    const auto done = client::sync_folder(
        session.relay(), *drive, {.scratch = scratch, .clock = session.clock(), .stop = interruption.token()},
        session.random(), result);
    std::cerr << day_warning(result.doubt, result.relay_day, session.clock().day.value_or(result.relay_day));
    if (done || result.imported > 0 || result.exported > 0) report(session, result);
    std::cout.flush();
    interruption.end_if_asked();
    if (result.scratch_error) return std::unexpected(no_scratch(scratch, *result.scratch_error));
    if (!done && done.error().code != Errc::remote && session.relay().problem().status == 0)
        return std::unexpected(at(path + "/WCMP", done.error()));
    WCMP_TRY(done);
    if (result.export_error) return std::unexpected(not_written(path, *result.export_error));
    WCMP_TRY(check_taken(result));
    return 0;
}

}  // namespace

void declare_sync(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("sync", "bring the relay and a folder together");
    command.footer(
        "For a folder that only you can read: the relay needs no access to it. No passphrase is asked for.");
    const auto path = std::make_shared<std::string>();
    command.add_option("DIR", *path, "the folder that holds WCMP/").required();
    command.callback([&session, &run, path] { run = [&session, path] { return run_sync(session, *path); }; });
}

}  // namespace wcmp::program
