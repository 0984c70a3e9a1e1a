// wcmp drives
#include "command.h"
#include "exit_codes.h"
#include "json_fields.h"
#include "show.h"

#include <iostream>
#include <string_view>

namespace wcmp::program {
namespace {

// What a person need not know is left out.
void print_counts(const boost::json::value& drive) {
    const auto count = [&](std::string_view name) { return number(drive, {"result", name}); };
    std::cout << " took " << count("imported") << ", gave " << count("exported");
    if (count("not_exported") > 0) std::cout << ", no room for " << count("not_exported");
    if (count("damaged") > 0)
        std::cout << ", " << count("damaged") << " damaged bundles: saved " << count("saved")
                  << " messages, lost " << count("lost");
}

void print_drive(const boost::json::value& drive) {
    std::cout << column(text(drive, {"id"}), 6) << ' ' << column(text(drive, {"kind"}), 10) << ' '
              << column(text(drive, {"filesystem"}), 8) << ' ' << column(text(drive, {"state"}), 11);
    if (find(drive, {"result"}) != nullptr) print_counts(drive);
    if (const auto why = text(drive, {"result", "error", "detail"}); why != "-") std::cout << ": " << why;
    if (text(drive, {"state"}) == "unprepared") std::cout << " `wcmp drive init DIR` prepares it";
    std::cout << '\n';
}

Done drives(Session& session) {
    WCMP_ASSIGN(const auto answer, session.relay().get("/v1/drives"));
    if (session.options.json)
        print(answer);
    else
        for (const auto& drive : items(answer, {})) print_drive(drive);
    return 0;
}

}  // namespace

void declare_drives(CLI::App& app, Session& session, Run& run) {
    auto* const command =
        app.add_subcommand("drives", "the drives that the relay has met, and what became of them");
    command->callback([&session, &run] { run = [&session] { return drives(session); }; });
}

}  // namespace wcmp::program
