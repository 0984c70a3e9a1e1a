// wcmp: keys, contacts, sending and reading, for a person; the relay carries the messages.
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "failure.h"

#include <array>
#include <csignal>
#include <iostream>
#include <tuple>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace {

using namespace wcmp::program;

constexpr std::array<Declare, 14> commands = {declare_key,   declare_contact, declare_send,  declare_inbox,
                                              declare_read,  declare_delete,  declare_watch, declare_status,
                                              declare_clock, declare_drives,  declare_drive, declare_sync,
                                              declare_store, declare_inspect};

const char* const examples = R"(Examples:
  wcmp key new alice                       make a key, print the line to give to contacts
  wcmp contact add bob wcmp1...            a contact, by the line that bob gave you
  echo "Tonight." | wcmp send --to bob     seal and enqueue
  wcmp inbox                               receive, and list
  wcmp read 1                              the letter with number 1
  wcmp drive init /media/stick             let relays use a drive
  wcmp sync /media/stick/folder            take part with a folder that only you can read

The passphrase is asked for on the terminal; programs give it with --passphrase-file or on the
descriptor WCMP_PASSPHRASE_FD. See wcmp(1).)";

// Secrets are in memory: neither a core file nor another process of the user may have them.
void harden_process() {
    ::umask(077);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    std::ignore = std::signal(SIGPIPE, SIG_IGN);
}

// What was not understood comes before what is missing because of it.
std::string wrong_usage(const CLI::App* app, const CLI::Error& error) {
    const auto rest = app->remaining(true);
    const auto what = rest.empty() ? std::string(error.what())
                                   : "there is no command, option or argument " + rest.front() + " here";
    return "wcmp: " + wcmp::client::printable(what) + "\nRun with --help for more information.\n";
}

void declare(CLI::App& app, Session& session, Run& run) {
    app.failure_message(wrong_usage);
    app.fallthrough();  // the general options may stand after the subcommand: what is added later inherits it
    app.require_subcommand(1, 1);
    app.footer(examples);
    app.set_version_flag("--version", "wcmp " WCMP_VERSION);
    auto& options = session.options;
    app.add_option("--home", options.home, "the folder of keys and letters (WCMP_HOME)")->type_name("DIR");
    app.add_option("--socket", options.socket, "the relay's socket (WCMP_SOCKET)")->type_name("PATH");
    app.add_option("--passphrase-file", options.passphrase_file, "its first line is the passphrase")
        ->type_name("FILE");
    app.add_flag("--json", options.json, "print JSON");
    for (const auto command : commands) command(app, session, run);
}

int run_command(Session& session, const Run& run) {
    const auto done = run();
    std::cout.flush();
    if (done && std::cout) return *done;
    session.complain(done ? Failure(exit_nothing, "cannot write to standard output") : done.error());
    return done ? exit_nothing : done.error().exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    harden_process();
    CLI::App app("Messages that are carried on drives: keys, contacts, sending and reading.", "wcmp");
    Session session;
    Run run;
    try {
        declare(app, session, run);
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        app.exit(error);
        return exit_usage;
    }
    return run_command(session, run);
}
