// The table of subcommands. Each file of a command declares itself on the command line, and says what is run
// when it was asked for.
#pragma once

#include "session.h"

#include <functional>

#include <CLI/CLI.hpp>

namespace wcmp::program {

// What the command line chose.
using Run = std::function<Done()>;

// A check for arguments that are numbers of letters: what is wrong, in words.
std::string check_letter_number(const std::string& text);

// Declares the subcommand on `app`; when it is parsed, sets `run`. The session outlives both.
using Declare = void (*)(CLI::App& app, Session& session, Run& run);

void declare_key(CLI::App& app, Session& session, Run& run);
void declare_contact(CLI::App& app, Session& session, Run& run);
void declare_send(CLI::App& app, Session& session, Run& run);
void declare_inbox(CLI::App& app, Session& session, Run& run);
void declare_read(CLI::App& app, Session& session, Run& run);
void declare_delete(CLI::App& app, Session& session, Run& run);
void declare_watch(CLI::App& app, Session& session, Run& run);
void declare_status(CLI::App& app, Session& session, Run& run);
void declare_clock(CLI::App& app, Session& session, Run& run);
void declare_drives(CLI::App& app, Session& session, Run& run);
void declare_drive(CLI::App& app, Session& session, Run& run);
// Below `wcmp drive`.
void declare_tidy(CLI::App& group, Session& session, Run& run);
void declare_store(CLI::App& app, Session& session, Run& run);
// Below `wcmp store`.
void declare_compact(CLI::App& group, Session& session, Run& run);
void declare_export(CLI::App& group, Session& session, Run& run);
void declare_sync(CLI::App& app, Session& session, Run& run);
void declare_inspect(CLI::App& app, Session& session, Run& run);

}  // namespace wcmp::program
