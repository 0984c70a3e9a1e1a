// wcmp inbox
#include "client/mailbox.h"
#include "command.h"
#include "day_warning.h"
#include "exit_codes.h"
#include "show.h"

#include <iostream>

#include <boost/json/array.hpp>

namespace wcmp::program {
namespace {

struct What {
    bool offline = false;
    bool sent = false;
};

void tell(const client::Mailbox& mailbox, const client::Exchanged& done) {
    std::cerr << day_warning(mailbox.judged().doubt, mailbox.relay_day(), mailbox.judged().today);
    if (done.sent_again > 0) std::cerr << done.sent_again << " sent again: the relay had lost them\n";
    if (done.not_taken > 0) std::cerr << done.not_taken << " that the relay lost were not taken again\n";
    for (const auto number : done.damaged) std::cerr << damaged_letter(number);
}

Outcome<void> receive(Session& session, client::Vault& vault) {
    client::Mailbox mailbox(vault, session.relay(), session.clock());
    WCMP_TRY(mailbox.ask_for_latest());
    client::Exchanged done;
    const auto exchanged = session.at_home(mailbox.exchange(done));
    tell(mailbox, done);
    return exchanged;
}

void print_letters(const Session& session, const client::Profile& profile, client::LetterKind wanted) {
    boost::json::array all;
    for (const auto& letter : profile.letters) {
        if (letter.kind != wanted) continue;
        if (session.options.json)
            all.push_back(to_json(letter));
        else
            std::cout << line_of(letter) << '\n';
    }
    if (session.options.json) print(all);
}

// A home that cannot be written can be read: what is there is listed all the same.
Done list_letters(Session& session, const What& what) {
    WCMP_ASSIGN(auto vault, session.open_vault());
    const auto received = what.offline ? Outcome<void>{} : receive(session, vault);
    if (!received && received.error().exit_code == exit_unavailable) return std::unexpected(received.error());
    print_letters(session, vault.profile(),
                  what.sent ? client::LetterKind::sent : client::LetterKind::received);
    WCMP_TRY(received);
    return 0;
}

}  // namespace

void declare_inbox(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("inbox", "receive what has come, and list it");
    command.footer(
        "A * marks what you have not read. \"unauthenticated\": somebody who knows your key wrote it, no "
        "more.");
    const auto what = std::make_shared<What>();
    command.add_flag("--offline", what->offline, "list what is there already, without a relay");
    command.add_flag("--sent", what->sent, "list what you sent, as long as it lives");
    command.callback(
        [&session, &run, what] { run = [&session, what] { return list_letters(session, *what); }; });
}

}  // namespace wcmp::program
