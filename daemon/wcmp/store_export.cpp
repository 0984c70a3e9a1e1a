// wcmp store export
#include "command.h"
#include "exit_codes.h"
#include "interruption.h"
#include "io/posix.h"
#include "offline/export_store.h"
#include "progress_line.h"
#include "resting_store.h"
#include "show.h"
#include "store/state_file.h"

#include <cerrno>
#include <filesystem>
#include <iostream>

namespace wcmp::program {
namespace {

namespace fs = std::filesystem;
using offline::ExportResult;

struct Destination {
    std::string path;
    std::unique_ptr<io::Directory> folder;
};

// OUT/WCMP, as on a drive, or OUT itself where that is missing.
Outcome<Destination> open_destination(const std::string& path) {
    WCMP_ASSIGN(auto top, at(path, io::open_directory(path)));
    auto inner = path + "/WCMP";
    auto folder = top->open_directory("WCMP");
    if (folder) return Destination{std::move(inner), std::move(*folder)};
    const auto why = folder.error().os_error;
    if (why == ENOENT) return Destination{path, std::move(top)};
    if (why == ENOTDIR || why == ELOOP)
        return refuse(exit_nothing, inner + ": a link or a file is where the folder should be");
    return std::unexpected(at(inner, folder.error()));
}

// Whatever the paths look like.
bool is_inside(const std::string& path, const std::string& store) {
    std::error_code error;
    auto place = fs::canonical(path, error);
    while (!error) {
        if (fs::equivalent(place, store, error) && !error) return true;
        if (error || place == place.parent_path()) break;
        place = place.parent_path();
    }
    return false;
}

// A relay alone writes a store: what others put there it does not know of.
Outcome<void> check_is_elsewhere(const Destination& out, const std::string& store) {
    if (is_inside(out.path, store))
        return refuse(exit_nothing, out.path + ": this is in the store itself; name a folder outside of it");
    if (out.folder->open(store::state_name))
        return refuse(exit_nothing, out.path + ": this is the store of a relay; name another folder");
    return {};
}

void export_lines(const std::string& out, const ExportResult& result) {
    const auto& visit = result.visit;
    std::cout << "gave " << out << ' ' << result.visit.exported << " messages, "
              << size_text(visit.exported_bytes) << "; " << visit.known << " were there already\n";
    if (visit.not_exported > 0) std::cout << visit.not_exported << " were not written\n";
    if (visit.wrong_bundles > 0)
        std::cout << visit.wrong_bundles << " bundles in the folder were damaged: saved " << visit.salvaged
                  << " messages, lost " << visit.lost << '\n';
    if (result.damaged > 0) std::cout << result.damaged << " bundles of the store are damaged\n";
    if (result.bad_messages() > 0)
        std::cout << result.bad_messages() << " messages of the store are damaged or cannot be read\n";
    if (result.unreadable_journals > 0)
        std::cout << result.unreadable_journals << " journals of the store cannot be read whole\n";
    if (result.unknown_format > 0)
        std::cout << result.unknown_format << " bundles of the store are of a later version\n";
}

void tell_exported(const Session& session, const std::string& out, const ExportResult& result) {
    if (!session.options.json) return export_lines(out, result);
    const auto& visit = result.visit;
    print(boost::json::object{{"exported", result.visit.exported},
                              {"exported_bytes", visit.exported_bytes},
                              {"known", visit.known},
                              {"not_exported", visit.not_exported},
                              {"from_journals", result.journal_messages},
                              {"damaged", result.damaged},
                              {"invalid", result.bad_messages()},
                              {"unreadable_journals", result.unreadable_journals},
                              {"unknown_format", result.unknown_format},
                              {"damaged_in_folder", visit.wrong_bundles}});
}

Failure export_not_written(const std::string& out, const Error& error) {
    if (error.code == Errc::no_space)
        return {
            exit_nothing,
            out + ": the disk is full; not everything could be written. Make room there and run it again"};
    if (error.code == Errc::read_only)
        return {exit_nothing, out + ": the disk is write-protected; nothing was written"};
    return at(out, error);
}

Done outcome_of_export(const std::string& store, const std::string& out, const ExportResult& result) {
    if (result.visit.is_of_store) return std::unexpected(at(store, *result.visit.export_error));
    if (result.visit.export_error)
        return std::unexpected(export_not_written(out, *result.visit.export_error));
    if (!result.is_store_whole())
        return refuse(exit_data, store +
                                     ": the store is damaged, and what is damaged was left out; `wcmp store "
                                     "compact` saves what can be saved, then run this again");
    if (result.unknown_format > 0)
        return refuse(exit_data, store + ": it holds bundles of a later version, which were left out");
    return 0;
}

Done run_export(Session& session, const std::string& path, const std::string& out_path) {
    WCMP_ASSIGN(const auto store, open_to_read(path, "export"));
    WCMP_ASSIGN(const auto out, open_destination(out_path));
    WCMP_TRY(check_is_elsewhere(out, path));
    const Interruption interruption;
    ExportResult result;
    Result<void> done;
    {
        ProgressLine line(!session.options.json);
        const auto tell = [&](const sync::Progress& now) {
            if (now.phase == sync::Phase::exporting) line.tell(now.done_bytes, now.total_bytes);
        };
        done = offline::export_store(
            *store.directory, *out.folder,
            {.build_day = build_day(), .on_progress = tell, .stop = interruption.token()}, io::SystemClock(),
            session.random(), result);
    }
    if (done || result.visit.exported > 0) tell_exported(session, out.path, result);
    std::cout.flush();
    interruption.end_if_asked();
    if (!done) return std::unexpected(at(path, done.error()));
    return outcome_of_export(path, out.path, result);
}

}  // namespace

void declare_export(Command group, Session& session, Run& run) {
    auto command = group.add_subcommand("export", "give all its messages to a folder, as bundles");
    command.footer(
        "The folder keeps what it holds and gets what it lacks; nothing but bundles comes into it, and the "
        "store\nis only read. Nobody else should write the folder meanwhile.");
    const auto path = std::make_shared<std::string>();
    const auto out = std::make_shared<std::string>();
    command.add_option("DIR", *path, "the store ([store] path in wcmpd.toml)").required();
    command.add_option("OUT", *out, "the folder that holds WCMP/, or gets the bundles itself").required();
    command.callback([&session, &run, path, out] {
        run = [&session, path, out] { return run_export(session, *path, *out); };
    });
}

}  // namespace wcmp::program
