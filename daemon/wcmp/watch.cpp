// wcmp watch
#include "client/mailbox.h"
#include "command.h"
#include "core/limits.h"
#include "day_warning.h"
#include "exit_codes.h"
#include "show.h"

#include <iostream>
#include <set>
#include <thread>
#include <utility>

namespace wcmp::program {
namespace {

// Whatever happens to the relay, it comes back; while it is away there is nothing to wait for but time.
constexpr std::chrono::seconds between_attempts{1};

bool may_pass(const Failure& failure) {
    return failure.code == Errc::remote || failure.code == Errc::busy || failure.code == Errc::not_found;
}

class Watch {
public:
    explicit Watch(Session& session) : session_(session) {}

    // A relay that is not there to begin with is the person's to see to.
    Done run() {
        WCMP_ASSIGN(auto cursor, receive());
        for (;;) {
            auto done = wait(cursor);
            if (done) done = receive_into(cursor);
            if (!done) WCMP_TRY(wait_for_relay(done.error()));
            if (!done) cursor.clear();
        }
    }

private:
    // Receives, prints what is new, and answers the cursor to wait at. The vault is closed again, so that
    // other commands can work while this one waits.
    Outcome<std::string> receive() {
        constexpr std::chrono::hours for_ever{24 * 365};
        WCMP_ASSIGN(auto vault, session_.open_vault(for_ever));
        client::Mailbox mailbox(vault, session_.relay(), session_.clock());
        client::Exchanged done;
        const auto exchanged = session_.at_home(mailbox.exchange(done));
        tell(mailbox, done);
        WCMP_TRY(print_new(vault.profile(), done));
        WCMP_TRY(exchanged);
        return vault.profile().cursor;
    }

    Outcome<void> receive_into(std::string& cursor) {
        WCMP_ASSIGN(cursor, receive());
        if (std::exchange(away_, false)) std::cerr << "wcmp: the relay answers again\n";
        return {};
    }

    // Until something has arrived, for whomever.
    Outcome<void> wait(std::string cursor) {
        if (away_) return {};
        for (;;) {
            const auto page = session_.relay().recognition(cursor, limits::recognition_wait_s_max);
            if (!page && page.error().code == Errc::expired) return {};  // the relay was started anew
            WCMP_TRY(page);
            if (!page->records.empty()) return {};
            cursor = page->cursor;
        }
    }

    // Says it once.
    Outcome<void> wait_for_relay(const Failure& failure) {
        if (!may_pass(failure)) return std::unexpected(failure);
        if (!std::exchange(away_, true)) {
            Failure told = failure;
            told.advice = "waiting for it";
            session_.complain(told);
        }
        std::this_thread::sleep_for(between_attempts);
        return {};
    }

    Outcome<void> print_new(client::Profile& profile, const client::Exchanged& done) const {
        for (const auto number : done.received) {
            const auto* const letter = profile.find_letter(number);
            if (session_.options.json)
                print(to_json(*letter));
            else
                std::cout << line_of(*letter) << '\n';
        }
        std::cout.flush();
        if (!std::cout) return refuse(exit_nothing, "cannot write to standard output");
        return {};
    }

    // What stays wrong is told once.
    void tell(const client::Mailbox& mailbox, const client::Exchanged& done) {
        const auto& judged = mailbox.judged();
        if (std::exchange(doubt_, judged.doubt) != judged.doubt)
            std::cerr << day_warning(judged.doubt, mailbox.relay_day(), judged.today);
        for (const auto number : done.damaged)
            if (damaged_.insert(number).second) std::cerr << damaged_letter(number);
    }

    Session& session_;
    bool away_ = false;
    client::DayDoubt doubt_ = client::DayDoubt::none;
    std::set<std::uint32_t> damaged_;
};

}  // namespace

void declare_watch(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("watch", "receive, print what is new as it comes, until Ctrl-C");
    command.callback([&session, &run] { run = [&session] { return Watch(session).run(); }; });
}

}  // namespace wcmp::program
