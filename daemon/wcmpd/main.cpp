// wcmpd, the relay: a store of other people's messages, synced with every drive that comes by.
#include "build_info.h"
#include "daemon.h"
#include "log/log.h"
#include "service/command_line.h"
#include "service/exit_codes.h"
#include "service/hardening.h"
#include "service/log_setup.h"

#include <cstdlib>
#include <iostream>

#include <malloc.h>

namespace {

// Botan would lock half a MiB of memory against swapping, page by page, for keys: a tenth of a start. The
// relay has none, but that of a dummy while it is sealed, and its services do not swap (MemorySwapMax=0).
void lock_no_memory() {
    ::setenv("BOTAN_MLOCK_POOL_SIZE", "0", 1);
}

// What a visit needed goes back to the system when it is over. By itself the C library raises the size from
// which on it does so up to the largest block that it has seen, and keeps a heap for every thread.
void keep_no_memory() {
    constexpr int returned_from_bytes = 128 * 1024;
    constexpr int heaps_max = 2;
    ::mallopt(M_MMAP_THRESHOLD, returned_from_bytes);
    ::mallopt(M_TRIM_THRESHOLD, returned_from_bytes);
    ::mallopt(M_ARENA_MAX, heaps_max);
}

struct CommandLine {
    wcmp::daemon::Overrides overrides;
    bool check_only = false;
};

void declare(CLI::App& app, CommandLine& line) {
    app.add_option("--config", line.overrides.config, "settings file (wcmpd.toml)")->type_name("FILE");
    app.add_option("--store", line.overrides.store, "folder of the store")->type_name("DIR");
    app.add_option("--socket", line.overrides.socket, "socket of the API")->type_name("PATH");
    app.add_flag("--check-config", line.check_only, "read the settings, say what is wrong, and end");
    app.set_version_flag("--version", "wcmpd " + wcmp::daemon::version());
}

int run(const CommandLine& line) {
    const auto defaults = wcmp::daemon::defaults_for(wcmp::daemon::surroundings());
    const auto settings = wcmp::daemon::load_settings(defaults, line.overrides);
    if (!settings) {
        std::cerr << settings.error().text() << '\n';
        return wcmp::daemon::exit_config;
    }
    if (line.check_only) {
        std::cout << "the settings are good\n";
        return 0;
    }
    wcmp::daemon::set_up_log(settings->log.level);
    if (const auto files = wcmp::daemon::raise_open_files_limit(); files < wcmp::daemon::open_files_enough)
        wcmp::log::warning("only " + std::to_string(files) + " files may be open at once, of " +
                           std::to_string(wcmp::daemon::open_files_enough) +
                           " that many bundles need: raise the limit (LimitNOFILE=, ulimit -Hn)");
    return wcmp::daemon::run(defaults, line.overrides, *settings);
}

}  // namespace

int main(int argc, char** argv) {
    wcmp::daemon::harden_process();
    lock_no_memory();
    keep_no_memory();
    CLI::App app("A relay for encrypted messages carried on drives.", "wcmpd");
    CommandLine line;
    declare(app, line);
    if (const auto ended = wcmp::daemon::parse(app, argc, argv)) return *ended;
    return run(line);
}
