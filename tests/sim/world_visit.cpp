// A relay and a drive, and what must hold for both then.
#include "world.h"

#include <algorithm>

namespace wcmp::sim {
namespace {

std::uint64_t room_on(const Drive& drive) {
    constexpr std::uint64_t reserve = std::uint64_t{1} << 20;
    const auto keep = std::min<std::uint64_t>(std::uint64_t{64} << 20, drive.traits.capacity / 16);
    const auto free = drive.free_bytes();
    return free > keep + reserve ? free - keep - reserve : 0;
}

// What a next visit may find to do.
std::uint64_t left_over(const sync::VisitResult& result) {
    return result.not_exported + result.displaced + result.refused_import_share + result.refused_store_full;
}

std::string error_text(const node::VisitReport& report) {
    return report.error ? wcmp::core::describe(*report.error) : "no error";
}

}  // namespace

void World::visit(Relay& relay, Drive& drive, Blow blow) {
    last_ = relay.side.name + " and " + drive.side.name;
    ++tally_.visits;
    auto event = event_of(relay);
    Oracle::VisitEnd end{
        .writable = !drive.read_only, .shared = drive.traits.shared, .drive_room = room_on(drive)};
    const bool was_sound = drive.side.seen.sound() && !relay.side.rotted;
    const auto busy_at = dice_.one_in(4) ? dice_.below(200) : ~std::uint64_t{0};
    std::uint64_t moments = 0;
    {
        const Strike strike(blow, some_call(), relay, &drive);
        end.report = relay.visit(drive, [&] {
            if (moments++ == busy_at) hand_in(relay, 1 + dice_.below(4), event);
        });
        end.undisturbed = !strike.fell();
        tally_.disturbed += strike.fell();
        tally_.pulls += strike.fell() && blow == Blow::pulled;
        drive.files.clear_faults();
        last_ += strike.text();
        after_strike(relay, event, strike);
    }
    drive.pull();
    if (end.undisturbed)
        expect(end.report.end == node::VisitReport::End::done,
               "an undisturbed visit: " + error_text(end.report));
    const auto listed = relay.store().snapshot()->bundles.size();
    end.unlisted = relay.side.onlooker.look(*relay.files.root()).valid > listed;
    oracle_.visited(relay.side, *relay.files.root(), drive.side, *drive.folder(), event, end);
    if (end.undisturbed) {
        auto after = event_of(relay);
        last_ += "; afterwards";
        work(relay, after, [&] { return relay.finish_visit(end.report); });
        const auto& result = end.report.result;
        const bool all = left_over(result) == 0;
        const bool same = relay.rules().threshold == event.rules.front().threshold;
        if (dice_.one_in(8) && was_sound && all && same && event.handed_in.empty()) visit_again(relay, drive);
    }
    keep_house(relay);
    if (dice_.one_in(3)) tidy(relay, drive, some_blow(true));
}

// There is nothing to do for a second one, and it writes nothing.
void World::visit_again(Relay& relay, Drive& drive) {
    last_ += "; again";
    auto event = event_of(relay);
    Oracle::VisitEnd end{.undisturbed = true,
                         .writable = !drive.read_only,
                         .shared = drive.traits.shared,
                         .drive_room = room_on(drive)};
    const bool sound = drive.side.seen.sound() && !relay.side.rotted && relay.side.seen.waiting.empty();
    const auto steps = drive.files.steps();
    end.report = relay.visit(drive, [] {});
    drive.pull();
    oracle_.visited(relay.side, *relay.files.root(), drive.side, *drive.folder(), event, end);
    const auto& result = end.report.result;
    if (!sound || relay.side.overlooked || result.wrong_bundles + left_over(result) > 0) return;
    expect(result.imported + result.exported == 0, "a second visit carried something" + text_of(result));
    expect(drive.files.steps() == steps, "a second visit wrote to the drive");
}

void World::tidy(Relay& relay, Drive& drive, Blow blow) {
    last_ = relay.side.name + " tidies " + drive.side.name;
    if (drive.traits.shared) return;
    auto event = event_of(relay);
    node::VisitReport report;
    bool undisturbed = false;
    {
        const Strike strike(blow, some_call(), relay, &drive);
        report = relay.tidy(drive);
        undisturbed = !strike.fell();
        tally_.pulls += strike.fell() && blow == Blow::pulled;
        drive.files.clear_faults();
        last_ += strike.text();
        after_strike(relay, event, strike);
    }
    drive.pull();
    ++tally_.tidied;
    const bool was_sound = drive.side.seen.sound();
    oracle_.drive_worked(drive.side, *drive.folder(), event);
    oracle_.store_worked(relay.side, *relay.files.root(), event);
    if (undisturbed && was_sound) check_tidy(relay, drive, report);
}

void World::check_tidy(const Relay& relay, const Drive& drive, const node::VisitReport& report) {
    const auto& seen = drive.side.seen;
    expect(report.end == node::VisitReport::End::done, "an undisturbed tidying: " + error_text(report));
    if (drive.read_only || room_on(drive) < 2 * seen.bundle_bytes) return;
    expect(seen.valid <= 8 + seen.bundle_bytes / (16U << 20U), "too many bundles on " + drive.side.name);
    expect(seen.void_files == 0, "a void file stayed on " + drive.side.name);
    const auto rules = relay.rules();
    for (const auto& [name, kind] : seen.bundles) {
        if (rules.is_beyond(first_day_of(name))) continue;  // does not count
        const auto& file = *drive.side.onlooker.file(name);
        std::uint64_t dead = 0;
        for (const auto& [key, length] : file.good) dead += rules.is_dead(key) ? length : 0;
        expect(4 * dead <= file.bytes, "much that is dead stays on " + drive.side.name);
    }
}

}  // namespace wcmp::sim
