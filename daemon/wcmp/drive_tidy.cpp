// wcmp drive tidy
#include "client/folder_tidy.h"
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "interruption.h"
#include "io/posix.h"
#include "show.h"

#include <cerrno>
#include <iostream>
#include <numeric>

#include <unistd.h>

namespace wcmp::program {
namespace {

// DIR/WCMP, or DIR itself where that is what holds the bundles.
Outcome<std::unique_ptr<io::Directory>> open_bundles(const std::string& path) {
    WCMP_ASSIGN(auto top, at(path, io::open_directory(path)));
    auto folder = top->open_directory("WCMP");
    if (folder) return std::move(*folder);
    if (folder.error().os_error != ENOENT) return std::unexpected(at(path + "/WCMP", folder.error()));
    if (client::holds_bundles(*top)) return top;
    return refuse(exit_nothing, client::printable(path) + ": there are no bundles in it, and no folder WCMP");
}

// One line on the terminal, which is written over.
class TidyLine {
public:
    TidyLine() : shows_(::isatty(STDERR_FILENO) != 0) {}
    TidyLine(const TidyLine&) = delete;
    TidyLine& operator=(const TidyLine&) = delete;
    ~TidyLine() {
        if (shown_) std::cerr << "\r\033[K" << std::flush;
    }
    void show(const sync::Progress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (!shows_ || progress.total_bytes == 0 || (shown_ && now - *shown_ < between)) return;
        shown_ = now;
        std::cerr << "\rtidying: " << size_text(progress.done_bytes) << " of "
                  << size_text(progress.total_bytes) << "\033[K" << std::flush;
    }

private:
    static constexpr std::chrono::milliseconds between{250};
    bool shows_;
    std::optional<std::chrono::steady_clock::time_point> shown_;
};

// The day that the relay and the own clock both believe. A clock alone must not cost anybody a message.
std::optional<Day> day_of_two(Session& session) {
    const auto relay = session.relay().today();
    if (relay) return client::day_of_visit(*relay, session.clock());
    std::cerr << "wcmp: no relay answers, so what has expired is left where it is\n";
    return std::nullopt;
}

std::uint64_t invalid_messages(const sync::UpkeepResult& result) {
    return std::accumulate(result.invalid.begin(), result.invalid.end(), std::uint64_t{0});
}

void tidied_lines(const client::TidyResult& result) {
    const auto& upkeep = result.upkeep;
    if (upkeep.did_something() || result.bundles_before != result.bundles)
        std::cout << result.bundles_before << " bundles became " << result.bundles << ": merged "
                  << upkeep.merged << ", rewrote " << upkeep.rewritten << '\n';
    else
        std::cout << "nothing to do: " << result.bundles << " bundles\n";
    if (const auto invalid = invalid_messages(upkeep); invalid > 0)
        std::cout << invalid << " damaged messages were left out\n";
    if (upkeep.salvaged + upkeep.lost > 0)
        std::cout << "of damaged bundles saved " << upkeep.salvaged << " messages, lost " << upkeep.lost
                  << '\n';
    if (upkeep.unreadable > 0)
        std::cout << upkeep.unreadable << " bundles cannot be read whole and were left as they are\n";
    if (upkeep.left > 0) std::cout << upkeep.left << " bundles were left as they are\n";
}

void tell_tidied(const Session& session, const client::TidyResult& result) {
    if (!session.options.json) return tidied_lines(result);
    const auto& upkeep = result.upkeep;
    print(boost::json::object{{"bundles_before", result.bundles_before},
                              {"bundles", result.bundles},
                              {"merged", upkeep.merged},
                              {"rewritten", upkeep.rewritten},
                              {"invalid", invalid_messages(upkeep)},
                              {"damaged", upkeep.wrong_bundles + upkeep.found_invalid.size()},
                              {"saved", upkeep.salvaged},
                              {"lost", upkeep.lost},
                              {"unreadable", upkeep.unreadable},
                              {"left", upkeep.left},
                              {"bytes_written", upkeep.bytes_written},
                              {"verified_bytes", upkeep.verified_bytes}});
}

Done run_tidy(Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto folder, open_bundles(path));
    client::TidyResult result;
    const Interruption interruption;
    Result<void> done;
    {
        TidyLine line;
        done = client::tidy_folder(*folder,
                                   {.day = day_of_two(session),
                                    .on_progress = [&](const auto& progress) { line.show(progress); },
                                    .stop = interruption.token()},
                                   session.random(), result);
    }
    if (done || result.upkeep.did_something()) tell_tidied(session, result);
    std::cout.flush();
    interruption.end_if_asked();
    if (!done) return std::unexpected(at(path, done.error()));
    if (result.upkeep.error) return std::unexpected(at(path, *result.upkeep.error));
    return 0;
}

}  // namespace

void declare_tidy(Command group, Session& session, Run& run) {
    auto command = group.add_subcommand("tidy", "merge the bundles of a folder that several relays write");
    command.footer(
        "Relays tidy the drives that are plugged in by themselves. It may run while they sync the folder.");
    const auto path = std::make_shared<std::string>();
    command.add_option("DIR", *path, "the folder that holds WCMP/, or the bundles themselves").required();
    command.callback([&session, &run, path] { run = [&session, path] { return run_tidy(session, *path); }; });
}

}  // namespace wcmp::program
