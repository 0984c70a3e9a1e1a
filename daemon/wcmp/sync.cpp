// wcmp sync
#include "client/folder_sync.h"
#include "command.h"
#include "exit_codes.h"
#include "io/posix.h"
#include "show.h"

#include <cerrno>
#include <iostream>
#include <numeric>

#include <boost/json/array.hpp>

namespace wcmp::program {
namespace {

std::uint64_t sum(const auto& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void report(const Session& session, const sync::VisitResult& result) {
    if (session.options.json) {
        print(boost::json::object{{"imported", result.imported},
                                  {"exported", result.exported},
                                  {"known", result.known},
                                  {"refused", sum(result.refused)},
                                  {"invalid", sum(result.invalid)},
                                  {"not_exported", result.not_exported}});
        return;
    }
    std::cout << "took " << result.imported << " messages from the folder, gave it " << result.exported
              << ", " << result.known << " were on both sides\n";
    if (const auto refused = sum(result.refused); refused > 0)
        std::cout << refused << " refused: dead, or living too long\n";
    if (const auto invalid = sum(result.invalid); invalid > 0) std::cout << invalid << " damaged\n";
    if (result.not_exported > 0) std::cout << result.not_exported << " had no room in the folder\n";
}

Outcome<std::unique_ptr<io::Directory>> open_drive(const std::string& path) {
    WCMP_ASSIGN(const auto top, at(path, io::open_directory(path)));
    auto drive = top->open_directory("WCMP");
    if (!drive && drive.error().os_error == ENOENT)
        return refuse(exit_nothing, path + ": not prepared; `wcmp drive init " + path + "` does it");
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

Done run_sync(Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto drive, open_drive(path));
    sync::VisitResult result;
    std::error_code ignored;
    auto scratch = std::filesystem::temp_directory_path(ignored);
    if (ignored) scratch = "/tmp";
    const auto done =
        client::sync_folder(session.relay(), *drive, {.scratch = scratch}, session.random(), result);
    if (done || result.imported > 0 || result.exported > 0) report(session, result);
    if (!done && done.error().code != Errc::remote && session.relay().problem().status == 0)
        return std::unexpected(at(path + "/WCMP", done.error()));
    WCMP_TRY(done);
    if (result.export_error) return std::unexpected(not_written(path, *result.export_error));
    return 0;
}

}  // namespace

void declare_sync(CLI::App& app, Session& session, Run& run) {
    auto* const command = app.add_subcommand("sync", "bring the relay and a folder together");
    command->footer(
        "For a folder that only you can read: the relay needs no access to it. No passphrase is asked for.");
    const auto path = std::make_shared<std::string>();
    command->add_option("DIR", *path, "the folder that holds WCMP/")->required();
    command->callback(
        [&session, &run, path] { run = [&session, path] { return run_sync(session, *path); }; });
}

}  // namespace wcmp::program
