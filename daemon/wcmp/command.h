// The table of subcommands. Each file of a command declares itself on the command line, and says what is run
// when it was asked for.
#pragma once

#include "command_line.h"
#include "session.h"

#include <functional>

namespace wcmp::program {

// What the command line chose.
using Run = std::function<Done()>;

// A check for arguments that are numbers of letters: what is wrong, in words.
std::string check_letter_number(const std::string& text);

// Declares the subcommand on `app`; when it is parsed, sets `run`. The session outlives both.
using Declare = void (*)(Command app, Session& session, Run& run);

void declare_key(Command app, Session& session, Run& run);
void declare_contact(Command app, Session& session, Run& run);
void declare_send(Command app, Session& session, Run& run);
void declare_inbox(Command app, Session& session, Run& run);
void declare_read(Command app, Session& session, Run& run);
void declare_delete(Command app, Session& session, Run& run);
void declare_watch(Command app, Session& session, Run& run);
void declare_status(Command app, Session& session, Run& run);
void declare_clock(Command app, Session& session, Run& run);
void declare_drives(Command app, Session& session, Run& run);
void declare_drive(Command app, Session& session, Run& run);
// Below `wcmp drive`.
void declare_tidy(Command group, Session& session, Run& run);
void declare_store(Command app, Session& session, Run& run);
// Below `wcmp store`.
void declare_compact(Command group, Session& session, Run& run);
void declare_export(Command group, Session& session, Run& run);
void declare_sync(Command app, Session& session, Run& run);
void declare_inspect(Command app, Session& session, Run& run);

}  // namespace wcmp::program
