// wcmp drive init
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "io/posix.h"
#include "show.h"

#include <iostream>

namespace wcmp::program {
namespace {

const char* const folder = "WCMP";

Done prepare(const Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto drive, at(path, io::open_directory(path)));
    const auto made = drive->make_directory(folder);
    if (!made && made.error().code != Errc::exists) return std::unexpected(at(path, made.error()));
    if (!made) {
        const auto there = drive->open_directory(folder);
        if (!there)
            return refuse(exit_nothing, path + "/" + folder +
                                            ": something that is no folder is in the way; move it elsewhere");
    }
    if (made) WCMP_TRY(at(path, drive->sync()));
    const auto shown = client::printable(path + "/" + folder);
    if (session.options.json)
        print(boost::json::object{{"folder", shown}, {"made", made.has_value()}});
    else
        std::cout << (made ? "made " : "was there already: ") << shown
                  << "\nRelays take this drive from now on. Nothing else on it was changed.\n";
    return 0;
}

}  // namespace

void declare_drive(CLI::App& app, Session& session, Run& run) {
    auto* const group = app.add_subcommand("drive", "prepare drives");
    group->require_subcommand(1, 1);
    auto* const init =
        group->add_subcommand("init", "make the folder WCMP on a drive: only then do relays use it");
    const auto path = std::make_shared<std::string>();
    init->add_option("DIR", *path, "where the drive is mounted")->required();
    init->callback([&session, &run, path] { run = [&session, path] { return prepare(session, *path); }; });
}

}  // namespace wcmp::program
