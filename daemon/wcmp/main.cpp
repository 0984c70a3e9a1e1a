// wcmp: keys, contacts, sending and reading, for a person; the relay carries the messages.
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

void declare(Command app, Session& session, Run& run) {
    app.footer(examples);
    auto& options = session.options;
    app.add_option("--home", options.home, "the folder of keys and letters (WCMP_HOME)").type_name("DIR");
    app.add_option("--socket", options.socket, "the relay's socket (WCMP_SOCKET)").type_name("PATH");
    app.add_option("--passphrase-file", options.passphrase_file, "its first line is the passphrase")
        .type_name("FILE");
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
    CommandLine line("Messages that are carried on drives: keys, contacts, sending and reading.", "wcmp",
                     "wcmp " WCMP_VERSION);
    Session session;
    Run run;
    declare(line.top(), session, run);
    if (const auto status = line.parse(argc, argv)) return *status;
    return run_command(session, run);
}
