// wcmp clock set
#include "client/date.h"
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "json_fields.h"
#include "show.h"

#include <iostream>

namespace wcmp::program {
namespace {

// What the relay removes on that day is gone for good, and a year is easily mistyped.
Outcome<void> check_losses(Session& session, Day day) {
    WCMP_ASSIGN(const auto status, session.relay().get("/v1/status"));
    const auto today = client::parse_date(text(status, {"clock", "today"}));
    const auto first = client::parse_date(text(status, {"expires_first"}));
    if (!today || !first || day <= *today || day < *first) return {};
    return refuse(exit_usage,
                  "on " + client::to_date(day) +
                      " messages would be removed for good: the relay holds some that expire from " +
                      client::to_date(*first) + " to " + text(status, {"expires_last"}) +
                      "; if that is the day, say so with --yes");
}

Done set(Session& session, const std::string& date, bool sure) {
    const auto day = client::parse_date(date);
    if (!day) return refuse(exit_usage, client::printable(date) + " is no day; write it like 2027-03-01");
    if (!sure) WCMP_TRY(check_losses(session, *day));
    WCMP_TRY(session.relay().set_today(*day));
    if (session.options.json)
        print(boost::json::object{{"today", client::to_date(*day)}});
    else
        std::cout << "for the relay it is " << client::to_date(*day)
                  << " now; it counts on from there, until it stops or a time server sets the clock\n";
    return 0;
}

}  // namespace

void declare_clock(Command app, Session& session, Run& run) {
    auto group = app.add_group("clock", "tell a relay without a clock which day it is");
    auto command = group.add_subcommand("set", "this is the day (for who runs the relay)");
    const auto date = std::make_shared<std::string>();
    const auto sure = std::make_shared<bool>(false);
    command.add_option("DATE", *date, "like 2027-03-01").required();
    command.add_flag("--yes", *sure, "even where messages that the relay holds are dead on that day");
    command.callback([&session, &run, date, sure] {
        run = [&session, date, sure] { return set(session, *date, *sure); };
    });
}

}  // namespace wcmp::program
