// wcmp drive init, sync, release, and tidy
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "io/posix.h"
#include "show.h"

#include <iostream>

namespace wcmp::program {
namespace {

const char* const folder_name = "WCMP";

Done prepare(const Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto drive, at(path, io::open_directory(path)));
    const auto made = drive->make_directory(folder_name);
    if (!made && made.error().code != Errc::exists) return std::unexpected(at(path, made.error()));
    if (!made) {
        const auto there = drive->open_directory(folder_name);
        if (!there)
            return refuse(exit_nothing, path + "/" + folder_name +
                                            ": something that is no folder is in the way; move it elsewhere");
    }
    if (made) WCMP_TRY(at(path, drive->sync()));
    const auto shown = client::printable(path + "/" + folder_name);
    if (session.options.json)
        print(boost::json::object{{"folder", shown}, {"made", made.has_value()}});
    else
        std::cout << (made ? "made " : "was there already: ") << shown
                  << "\nRelays take this drive when it is plugged in. Nothing else on it was changed.\n";
    return 0;
}

using Request = Result<void> (client::Relay::*)(std::string_view);

Done ask(Session& session, const std::string& id, Request request, std::string_view what) {
    WCMP_TRY((session.relay().*request)(id));
    if (session.options.json)
        print(boost::json::object{{"drive", id}});
    else
        std::cout << what << "; `wcmp drives --follow` shows what comes of it\n";
    return 0;
}

void declare_request(Command group, Session& session, Run& run, const char* name, const char* description,
                     Request request, std::string_view what) {
    auto command = group.add_subcommand(name, description);
    const auto id = std::make_shared<std::string>();
    command.add_option("ID", *id, "as `wcmp drives` shows it: d1").required();
    command.callback([&session, &run, id, request, what] {
        run = [&session, id, request, what] { return ask(session, *id, request, what); };
    });
}

}  // namespace

void declare_drive(Command app, Session& session, Run& run) {
    auto group = app.add_group("drive", "prepare drives, visit them, let them go, put them in order");
    auto init = group.add_subcommand("init", "make the folder WCMP on a drive: only then do relays use it");
    const auto path = std::make_shared<std::string>();
    init.add_option("DIR", *path, "where the drive is mounted").required();
    init.callback([&session, &run, path] { run = [&session, path] { return prepare(session, *path); }; });
    declare_request(group, session, run, "sync", "visit a drive once more (for who runs the relay)",
                    &client::Relay::sync_drive, "the visit begins");
    declare_request(group, session, run, "release", "end the visit to a drive (for who runs the relay)",
                    &client::Relay::release_drive, "the visit ends soon");
    declare_tidy(group, session, run);
}

}  // namespace wcmp::program
