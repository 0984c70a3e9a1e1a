// wcmp store compact
#include "command.h"
#include "exit_codes.h"
#include "interruption.h"
#include "offline/compact_store.h"
#include "progress_line.h"
#include "resting_store.h"
#include "show.h"

#include <iostream>
#include <numeric>

namespace wcmp::program {
namespace {

using offline::CompactResult;

std::uint64_t bad_left_out(const CompactResult& result) {
    const auto& invalid = result.upkeep.invalid;
    return std::accumulate(invalid.begin(), invalid.end(), std::uint64_t{0});
}

std::uint64_t saved_in_all(const CompactResult& result) {
    return result.opened.saved + result.upkeep.salvaged;
}

std::uint64_t lost_in_all(const CompactResult& result) {
    return result.opened.lost + result.upkeep.lost;
}

std::uint64_t damaged_in_all(const CompactResult& result) {
    return result.opened.damaged + result.upkeep.wrong_bundles;
}

void compact_lines(const CompactResult& result) {
    const auto& [before, after] = std::pair(result.before, result.after);
    std::cout << before.bundles << " bundles, " << size_text(before.bytes) << ", became " << after.bundles
              << ", " << size_text(after.bytes) << '\n';
    if (result.folded > 0) std::cout << result.folded << " messages came out of the journals\n";
    if (result.opened.state_lost) std::cout << "the file state was damaged, and is made anew\n";
    if (damaged_in_all(result) > 0)
        std::cout << "of damaged bundles saved " << saved_in_all(result) << " messages, lost "
                  << lost_in_all(result) << "; look at the disk\n";
    if (bad_left_out(result) > 0) std::cout << bad_left_out(result) << " damaged messages were left out\n";
    if (result.upkeep.unreadable > 0)
        std::cout << result.upkeep.unreadable
                  << " bundles cannot be read whole and were left as they are; look at the disk\n";
    if (result.opened.unknown_format > 0)
        std::cout << result.opened.unknown_format
                  << " bundles are of a later version, and were left as they are\n";
    if (result.upkeep.left > 0) std::cout << result.upkeep.left << " bundles were left as they are\n";
}

void tell_compacted(const Session& session, const CompactResult& result) {
    if (!session.options.json) return compact_lines(result);
    const auto& upkeep = result.upkeep;
    print(boost::json::object{{"bundles_before", result.before.bundles},
                              {"bytes_before", result.before.bytes},
                              {"bundles", result.after.bundles},
                              {"bytes", result.after.bytes},
                              {"folded", result.folded},
                              {"journal_messages", result.journal_left},
                              {"merged", upkeep.merged},
                              {"rewritten", upkeep.rewritten},
                              {"damaged", damaged_in_all(result)},
                              {"saved", saved_in_all(result)},
                              {"lost", lost_in_all(result)},
                              {"invalid", bad_left_out(result)},
                              {"unreadable", upkeep.unreadable},
                              {"left", upkeep.left},
                              {"unknown_format", result.opened.unknown_format},
                              {"bytes_written", upkeep.bytes_written},
                              {"state_was_damaged", result.opened.state_lost},
                              {"lacks_room", result.lacks_room}});
}

// What the numbers do not say: why not all of it was done.
Done outcome_of_compaction(const std::string& path, const CompactResult& result) {
    if (result.lacks_room || (result.upkeep.error && result.upkeep.error->code == Errc::no_space))
        return refuse(exit_nothing, path +
                                        ": not everything was done: the disk has no room to write "
                                        "bundles anew; make room there and run it again");
    if (result.upkeep.error) return std::unexpected(at(path, *result.upkeep.error));
    return 0;
}

Failure not_compacted(const std::string& path, const Error& error) {
    if (error.code == Errc::busy) return relay_works_in(path);
    if (error.code == Errc::read_only)
        return {exit_nothing, path + ": the disk is write-protected, so nothing can be put in order"};
    return at(path, error);
}

Done run_compact(Session& session, const std::string& path) {
    WCMP_ASSIGN(auto directory, open_to_change(path, "compact"));
    const Interruption interruption;
    const io::SystemClock clock;
    CompactResult result;
    Result<void> done;
    {
        ProgressLine line(!session.options.json);
        const auto tell = [&](const sync::Progress& now) {
            if (now.total_bytes > 0) line.tell(now.done_bytes, now.total_bytes);
        };
        done = offline::compact_store(
            std::move(directory),
            {.build_day = build_day(), .on_progress = tell, .stop = interruption.token()},
            {clock, session.random()}, result);
    }
    if (done || result.upkeep.did_something()) tell_compacted(session, result);
    std::cout.flush();
    interruption.end_if_asked();
    if (!done) return std::unexpected(not_compacted(path, done.error()));
    return outcome_of_compaction(path, result);
}

}  // namespace

void declare_compact(Command group, Session& session, Run& run) {
    auto command =
        group.add_subcommand("compact", "put it in order at once: few bundles, and nothing dead in them");
    command.footer(
        "The relay does that by itself while it runs, in its own time. Interrupted anywhere, it loses "
        "nothing.\nTo be run as the user whom the relay runs as.");
    const auto path = std::make_shared<std::string>();
    command.add_option("DIR", *path, "the store ([store] path in wcmpd.toml)").required();
    command.callback(
        [&session, &run, path] { run = [&session, path] { return run_compact(session, *path); }; });
}

}  // namespace wcmp::program
