// wcmp status
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "json_fields.h"
#include "show.h"

#include <array>
#include <iostream>
#include <string_view>
#include <utility>

namespace wcmp::program {
namespace {

// What a person can do (lib/api/API.md, "Warnings").
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> advice = {{
    {"no_cover", "this version sends no cover traffic; nothing to do"},
    {"clock_behind", "set the machine's clock right"},
    {"clock_ahead", "set the machine's clock right"},
    {"store_full", "give the store more room: [store] bytes_max, or free space on its disk"},
    {"store_failing", "replace the disk; the relay only reads from it"},
    {"store_damaged", "look at the disk: bundles of the store were damaged, what could be saved was saved"},
    {"drive_damaged", "let the relay write to the damaged drive, or copy it to another"},
}};

std::string with_advice(const std::string& code) {
    for (const auto& [known, what] : advice)
        if (known == code) return code + ": " + std::string(what);
    return code;
}

Done status(Session& session) {
    WCMP_ASSIGN(const auto answer, session.relay().get("/v1/status"));
    if (session.options.json) {
        print(answer);
        return 0;
    }
    std::cout << "relay     " << text(answer, {"state"}) << ", version " << text(answer, {"version"}) << '\n'
              << "messages  " << number(answer, {"messages"}) << ", " << size_text(number(answer, {"bytes"}))
              << " of " << size_text(number(answer, {"quota_bytes"})) << '\n'
              << "expire    " << text(answer, {"expires_first"}) << " to " << text(answer, {"expires_last"})
              << '\n'
              << "day       " << text(answer, {"clock", "today"})
              << " (clock trust: " << text(answer, {"clock", "trust"}) << ")\n"
              << "drives    " << items(answer, {"drives"}).size() << '\n';
    for (const auto& warning : items(answer, {"warnings"}))
        std::cout << "warning   " << with_advice(text(warning, {})) << '\n';
    return 0;
}

}  // namespace

void declare_status(CLI::App& app, Session& session, Run& run) {
    auto* const command = app.add_subcommand("status", "how the relay is");
    command->callback([&session, &run] { run = [&session] { return status(session); }; });
}

}  // namespace wcmp::program
