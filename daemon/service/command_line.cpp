#include "service/command_line.h"

#include "service/exit_codes.h"

namespace wcmp::daemon {

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& success) {  // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        app.exit(error);
        return exit_usage;
    }
}

}  // namespace wcmp::daemon
