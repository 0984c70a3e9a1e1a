// wcmp watch
#include "client/mailbox.h"
#include "command.h"
#include "core/limits.h"
#include "exit_codes.h"
#include "show.h"

#include <iostream>

namespace wcmp::program {
namespace {

// Receives, prints what is new, and answers the cursor to wait at. The vault is closed again, so that other
// commands can work while this one waits.
Outcome<std::string> receive(Session& session) {
    WCMP_ASSIGN(auto vault, session.open_vault());
    client::Mailbox mailbox(vault, session.relay());
    WCMP_ASSIGN(const auto done, session.at_home(mailbox.exchange()));
    for (const auto number : done.received) {
        const auto* const letter = vault.profile().find_letter(number);
        if (session.options.json)
            print(to_json(*letter));
        else
            std::cout << line_of(*letter) << '\n';
    }
    std::cout.flush();
    if (!std::cout) return refuse(exit_nothing, "cannot write to standard output");
    return vault.profile().cursor;
}

// Until something has arrived, for whomever.
Outcome<void> wait(Session& session, std::string cursor) {
    for (;;) {
        const auto page = session.relay().recognition(cursor, limits::recognition_wait_s_max);
        if (!page && page.error().code == Errc::expired) return {};  // the relay was started anew
        WCMP_TRY(page);
        if (!page->records.empty()) return {};
        cursor = page->cursor;
    }
}

Done watch(Session& session) {
    for (;;) {
        WCMP_ASSIGN(auto cursor, receive(session));
        WCMP_TRY(wait(session, std::move(cursor)));
    }
}

}  // namespace

void declare_watch(CLI::App& app, Session& session, Run& run) {
    auto* const command = app.add_subcommand("watch", "receive, print what is new as it comes, until Ctrl-C");
    command->callback([&session, &run] { run = [&session] { return watch(session); }; });
}

}  // namespace wcmp::program
