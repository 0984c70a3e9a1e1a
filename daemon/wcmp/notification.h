// A notification on the desktop of whoever runs the program.
#pragma once

#include "failure.h"

#include <string>

namespace wcmp::program {

// Refuses at once when notify-send(1) is not installed, not only when there is something to tell.
Outcome<void> check_notifications();

// Runs notify-send(1). A refusal when it is not installed; that it shows nothing, without a desktop, is no
// error.
Outcome<void> notify(const std::string& title, const std::string& text, bool urgent);

}  // namespace wcmp::program
