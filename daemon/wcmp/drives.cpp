// wcmp drives
#include "command.h"
#include "drive_lines.h"
#include "follow.h"
#include "json_fields.h"
#include "show.h"

#include <iostream>
#include <memory>

namespace wcmp::program {
namespace {

struct Options {
    bool follows = false;
    bool notifies = false;
};

Done drives(Session& session, const Options& options) {
    if (options.follows || options.notifies) return follow_drives(session, options.notifies);
    WCMP_ASSIGN(const auto answer, session.relay().get("/v1/drives"));
    if (session.options.json)
        print(answer);
    else
        for (const auto& drive : items(answer, {})) std::cout << line_of_drive(drive) << '\n';
    return 0;
}

}  // namespace

void declare_drives(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("drives", "the drives that the relay has met, and what became of them");
    const auto options = std::make_shared<Options>();
    command.add_flag("--follow", options->follows, "go on, and print what changes, until Ctrl-C");
    command.add_flag("--notify", options->notifies, "as --follow, and notify on the desktop");
    command.callback(
        [&session, &run, options] { run = [&session, options] { return drives(session, *options); }; });
}

}  // namespace wcmp::program
