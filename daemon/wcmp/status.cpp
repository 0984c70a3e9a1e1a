// wcmp status
#include "advice.h"
#include "command.h"
#include "drive_lines.h"
#include "exit_codes.h"
#include "json_fields.h"
#include "refusal_words.h"
#include "show.h"

#include <iostream>

#include <boost/json/object.hpp>

namespace wcmp::program {
namespace {

// What became of messages that were not kept.
void print_losses(const boost::json::value& answer) {
    const auto* const refused = find(answer, {"refused"});
    if (const auto* const rules = refused == nullptr ? nullptr : refused->if_object())
        for (const auto& [rule, count] : *rules)
            std::cout << "refused   " << number(count, {}) << ": " << refusal_in_words(rule) << '\n';
    if (const auto evicted = number(answer, {"evicted"}); evicted > 0)
        std::cout << "evicted   " << evicted << ": the relay had no room for all, and let these go\n";
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
    for (const auto& drive : items(answer, {"drives"}))
        std::cout << "drive     " << line_of_drive(drive) << '\n';
    print_losses(answer);
    for (const auto& warning : items(answer, {"warnings"}))
        std::cout << "warning   " << with_advice(text(warning, {})) << '\n';
    return 0;
}

}  // namespace

void declare_status(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("status", "how the relay is");
    command.callback([&session, &run] { run = [&session] { return status(session); }; });
}

}  // namespace wcmp::program
