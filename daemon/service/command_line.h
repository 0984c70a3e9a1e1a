// What the command lines of the services have in common.
#pragma once

#include <optional>

#include <CLI/CLI.hpp>

namespace wcmp::daemon {

// The exit status where nothing is to be run: after --help, --version, or a mistake, which it has told.
std::optional<int> parse(CLI::App& app, int argc, char** argv);

}  // namespace wcmp::daemon
