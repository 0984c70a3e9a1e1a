// wcmp store check, stats: a relay's store, looked at while no relay works in it. And the other two below it.
#include "client/date.h"
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "interruption.h"
#include "progress_line.h"
#include "resting_store.h"
#include "show.h"
#include "store/check_store.h"
#include "store/store_stats.h"

#include <iostream>

#include <boost/json/array.hpp>

namespace wcmp::program {
namespace {

namespace json = boost::json;

void print_check(const Session& session, const store::StoreCheck& found) {
    json::array damaged;
    for (const auto& name : found.damaged) damaged.emplace_back(bundle::to_string(name));
    if (session.options.json) {
        print(json::object{{"sound", found.sound()},
                           {"bundles", found.bundles},
                           {"messages", found.messages},
                           {"bytes", found.bytes},
                           {"bad_messages", found.bad_messages},
                           {"damaged", std::move(damaged)},
                           {"void_files", found.void_files},
                           {"unknown_format", found.unknown_format},
                           {"journal_messages", found.journal_messages},
                           {"state", found.state ? "damaged" : "good"},
                           {"unreadable", found.unreadable}});
        return;
    }
    std::cout << found.messages << " messages in " << found.bundles << " bundles, " << size_text(found.bytes)
              << "; " << found.journal_messages << " more in the journals\n";
    for (const auto& name : found.damaged) std::cout << "damaged   " << bundle::to_string(name) << '\n';
    if (found.bad_messages > 0) std::cout << found.bad_messages << " messages are not what they were\n";
    if (found.unreadable > 0) std::cout << found.unreadable << " files could not be read whole\n";
    if (found.unknown_format > 0)
        std::cout << found.unknown_format << " bundles are of a later version, and were not looked at\n";
    if (found.void_files > 0)
        std::cout << found.void_files << " unfinished files, which the next start removes\n";
    if (found.state) std::cout << "the file state is damaged; the next start makes it anew\n";
    if (found.sound()) std::cout << "the store is sound\n";
}

Done check(const Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto opened, open_to_read(path, "check"));
    const Interruption interruption;
    io::SystemRandom random;
    auto result = [&] {
        ProgressLine line(!session.options.json);
        return store::check_store(
            *opened.directory, random, [&line](auto done, auto total) { line.tell(done, total); },
            interruption.token());
    }();
    interruption.end_if_asked();
    WCMP_ASSIGN(const auto found, at(path, std::move(result)));
    print_check(session, found);
    std::cout.flush();
    if (found.sound()) return 0;
    return refuse(exit_data,
                  path +
                      ": the store is damaged; the relay saves what can be saved when it starts, and "
                      "drives bring the rest again; look at the disk");
}

json::object json_of_part(const store::StoreStats::Part& part) {
    return {{"messages", part.messages}, {"bytes", part.bytes}};
}

void print_stats_json(const store::StoreStats& stats) {
    json::array days, sizes;
    for (const auto& [day, part] : stats.by_day) {
        auto object = json_of_part(part);
        object["expires"] = client::to_date(day);
        days.push_back(std::move(object));
    }
    std::uint64_t below = store::StoreStats::smallest_class_bytes;
    for (const auto& part : stats.by_size) {
        auto object = json_of_part(part);
        const bool is_last = &part == &stats.by_size.back();
        object["below_bytes"] = is_last ? json::value(nullptr) : json::value(below);
        sizes.push_back(std::move(object));
        below *= 2;
    }
    print(json::object{{"bundles", stats.bundles},
                       {"bundle_bytes", stats.bundle_bytes},
                       {"messages", stats.all.messages},
                       {"bytes", stats.all.bytes},
                       {"journal_messages", stats.journal_messages},
                       {"unusable", stats.unusable},
                       {"by_day", std::move(days)},
                       {"by_size", std::move(sizes)}});
}

void print_part(const std::string& what, const store::StoreStats::Part& part) {
    if (part.messages > 0)
        std::cout << column(what, 20) << ' ' << column(std::to_string(part.messages), 12) << ' '
                  << size_text(part.bytes) << '\n';
}

void print_stats(const store::StoreStats& stats) {
    std::cout << stats.bundles << " bundles, " << size_text(stats.bundle_bytes) << "; "
              << stats.journal_messages << " messages in the journals\n";
    if (stats.unusable > 0)
        std::cout << stats.unusable << " bundles are damaged: `wcmp store check` says more\n";
    std::cout << column("", 20) << ' ' << column("messages", 12) << " bytes\n";
    print_part("all", stats.all);
    std::uint64_t below = store::StoreStats::smallest_class_bytes;
    for (const auto& part : stats.by_size) {
        const bool is_last = &part == &stats.by_size.back();
        print_part(is_last ? "larger" : "below " + std::to_string(below / 1024) + " KiB", part);
        below *= 2;
    }
    for (const auto& [day, part] : stats.by_day) print_part("until " + client::to_date(day), part);
}

Done show_stats(const Session& session, const std::string& path) {
    WCMP_ASSIGN(const auto opened, open_to_read(path, "stats"));
    const Interruption interruption;
    io::SystemRandom random;
    auto result = store::store_stats(*opened.directory, random, interruption.token());
    interruption.end_if_asked();
    WCMP_ASSIGN(const auto stats, at(path, std::move(result)));
    if (session.options.json)
        print_stats_json(stats);
    else
        print_stats(stats);
    return 0;
}

using Look = Done (*)(const Session& session, const std::string& path);

void declare_look(Command group, Session& session, Run& run, const char* name, const char* description,
                  Look look) {
    auto command = group.add_subcommand(name, description);
    const auto path = std::make_shared<std::string>();
    command.add_option("DIR", *path, "the store ([store] path in wcmpd.toml)").required();
    command.callback(
        [&session, &run, path, look] { run = [&session, path, look] { return look(session, *path); }; });
}

}  // namespace

void declare_store(Command app, Session& session, Run& run) {
    auto group = app.add_group("store", "a relay's store, while the relay is stopped: look, tidy, export");
    declare_look(group, session, run, "check", "read and verify everything in it", check);
    declare_look(group, session, run, "stats", "what it holds, by day and by size", show_stats);
    declare_compact(group, session, run);
    declare_export(group, session, run);
}

}  // namespace wcmp::program
