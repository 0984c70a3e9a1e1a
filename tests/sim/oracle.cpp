#include "oracle.h"

#include "dice.h"

#include <algorithm>

namespace wcmp::sim {
namespace {

// In a file of one message: header, day and entry.
constexpr std::uint64_t file_bytes_beside_a_message = 64 + 8 + 40;

// A share for imports, or the free space of the store, keeps some of it out: it says how many.
std::uint64_t counted_out(const sync::VisitResult& result) {
    return result.refused_import_share + result.refused_store_full;
}

// A rule counts for what waits in a journal until it is in a bundle.
bool may_be_dropped_in_fold(const Seen& before, const MessageKey& key, const Event& event) {
    return !before.bundled.contains(key) && event.is_refused(key, before.held.at(key));
}

// By their names alone some are beyond the horizon: those are left where they are, whatever is in them.
std::size_t damaged_that_count(const Seen& seen, const Rules& rules) {
    return static_cast<std::size_t>(std::ranges::count_if(seen.bundles, [&](const auto& file) {
        return file.second == FileKind::damaged && !rules.is_beyond(first_day_of(file.first));
    }));
}

}  // namespace

std::string text_of(const sync::VisitResult& result) {
    std::string text = " (imported " + std::to_string(result.imported) + ", exported " +
                       std::to_string(result.exported) + ", known " + std::to_string(result.known) +
                       ", refused";
    for (const auto count : result.refused) text += " " + std::to_string(count);
    text += ", full " + std::to_string(result.refused_store_full) + ", share " +
            std::to_string(result.refused_import_share) + ", not exported " +
            std::to_string(result.not_exported) + ", displaced " + std::to_string(result.displaced) +
            ", unreadable " + std::to_string(result.unreadable) + ", wrong " +
            std::to_string(result.wrong_bundles) + ", salvaged " + std::to_string(result.salvaged) +
            ", lost " + std::to_string(result.lost) + ", left " + std::to_string(result.damaged_left) +
            ", invalid";
    for (const auto count : result.invalid) text += " " + std::to_string(count);
    if (result.export_error) text += ", " + wcmp::core::describe(*result.export_error);
    return text + ")";
}

bool Event::is_dead(const MessageKey& key) const {
    return std::ranges::any_of(rules, [&](const Rules& of) { return of.is_dead(key); });
}

bool Event::is_evicted(const MessageKey& key) const {
    return std::ranges::any_of(rules, [&](const Rules& of) { return of.evicts(key); });
}

bool Event::is_admitted(const MessageKey& key, std::uint32_t length) const {
    return std::ranges::any_of(rules, [&](const Rules& of) { return of.admits(key, length); });
}

bool Event::is_refused(const MessageKey& key, std::uint32_t length) const {
    return std::ranges::any_of(rules, [&](const Rules& of) { return !of.admits(key, length); });
}

void Oracle::settle(Side& side, const Changes& changes, const Event& event) {
    if (event.medium_refused) {
        for (const auto& [key, length] : changes.came) side.unsure.insert(key);
        for (const Messages* part : {&std::as_const(side.seen.held), &changes.gone})
            for (const auto& [key, length] : *part) side.ghosts.insert(key);
    }
    for (const auto& [key, length] : changes.gone) {
        ++(event.evicting && !event.is_dead(key) ? tally_.evicted : tally_.expired);
    }
    check_written(side, changes.came);
    tally_.note(side.seen.held.size());
    tally_.note(side.seen.bundle_bytes);
}

void Oracle::check_written(const Side& side, const Messages& messages) {
    for (const auto& [key, length] : messages)
        expect(mail_.was_written(key), "invented on " + side.name + ": " + describe(key));
}

void Oracle::store_worked(Side& store, const io::Directory& directory, const Event& event) {
    const auto before = store.seen;
    const Allowed allowed{
        .to_go =
            [&](const MessageKey& key) {
                if (event.is_dead(key)) return true;
                // A bundle goes whole where the rest of it does not fit on the disk.
                if (event.evicting && (event.is_evicted(key) || event.disk_is_full)) return true;
                return may_be_dropped_in_fold(before, key, event);
            },
        .to_come = [&](const MessageKey& key, std::uint32_t) { return event.handed_in.contains(key); },
        .power_cut = event.power_cut};
    const auto changes = look_again(store, directory, allowed);
    for (const auto& key : event.acknowledged)
        expect(store.seen.held.contains(key) || event.is_refused(key, event.handed_in.at(key)),
               "acknowledged and lost on " + store.name + ": " + describe(key));
    settle(store, changes, event);
}

void Oracle::drive_worked(Side& drive, const io::Directory& directory, const Event& event) {
    const Allowed allowed{.to_go = [&](const MessageKey& key) { return event.is_dead(key); },
                          .to_come = [](const MessageKey&, std::uint32_t) { return false; },
                          .power_cut = event.power_cut};
    settle(drive, look_again(drive, directory, allowed), event);
}

void Oracle::altered(Side& side, const io::Directory& directory) {
    const auto before = std::move(side.seen);
    side.seen = side.onlooker.look(directory);
    for (const auto& entry : before.held) tally_.rotted_messages += !side.seen.held.contains(entry.first);
    check_written(side, side.seen.held);
}

void Oracle::visited(Side& store, const io::Directory& store_directory, Side& drive,
                     const io::Directory& drive_directory, const Event& event, const VisitEnd& end) {
    const auto store_before = store.seen;
    const auto drive_before = drive.seen;
    const auto drive_buried = drive.buried;
    const auto store_buried = store.buried;
    const auto lay_on_drive = [&](const MessageKey& key) {
        return drive_before.held.contains(key) || drive_before.savable.contains(key) ||
               drive_buried.contains(key);
    };
    const Allowed in_store{
        .to_go =
            [&](const MessageKey& key) {
                return event.is_dead(key) || may_be_dropped_in_fold(store_before, key, event);
            },
        .to_come =
            [&](const MessageKey& key, std::uint32_t length) {
                return event.handed_in.contains(key) || (lay_on_drive(key) && event.is_admitted(key, length));
            },
        .power_cut = event.power_cut};
    const auto store_changes = look_again(store, store_directory, in_store);
    // Whole bundles may make room where hardly anything would fit (section 3.4): what the store holds, no
    // more than an eighth of what is there once the damaged ones are salvaged, and counted.
    std::uint64_t there = drive_before.bundle_bytes;
    for (const auto& entry : drive_before.savable) there += entry.second + file_bytes_beside_a_message;
    std::uint64_t displaceable = end.shared ? 0 : there / 8;
    std::uint64_t displaced_left = end.undisturbed ? end.report.result.displaced : ~std::uint64_t{0};
    const auto displaced = [&](const MessageKey& key) {
        const auto length = drive_before.held.at(key);
        // A good copy in a file that rot has taken elsewhere is one: it is read, and salvage saves it.
        const bool vouched = store.seen.held.contains(key) || store.seen.savable.contains(key);
        if (!vouched || length > displaceable || displaced_left == 0) return false;
        displaceable -= length;
        --displaced_left;
        return true;
    };
    const Allowed on_drive{
        .to_go = [&](const MessageKey& key) { return event.is_dead(key) || displaced(key); },
        .to_come =
            [&](const MessageKey& key, std::uint32_t) {
                return !event.rules.front().is_dead(key) &&
                       (store_before.held.contains(key) || store.seen.held.contains(key) ||
                        store_buried.contains(key));
            },
        .power_cut = event.power_cut};
    const auto drive_changes = look_again(drive, drive_directory, on_drive);
    if (end.undisturbed) {
        check_import(store, store_buried, drive_before, store_changes, event, end);
        check_export(store, drive, drive_before, drive_changes, event, end);
    }
    // A restart folds what was handed in meanwhile, by the rules that it finds.
    for (const auto& key : event.acknowledged)
        expect(store.seen.held.contains(key) || event.is_refused(key, event.handed_in.at(key)),
               "acknowledged and lost in a visit: " + describe(key));
    settle(store, store_changes, event);
    settle(drive, drive_changes, event);
    tally_.imported += store_changes.came.size();
    tally_.exported += drive_changes.came.size();
}

void Oracle::check_import(const Side& store, const std::set<MessageKey>& store_buried,
                          const Seen& drive_before, const Changes& changes, const Event& event,
                          const VisitEnd& end) {
    const auto& rules = event.rules.front();
    const auto& result = end.report.result;
    std::uint64_t missing = 0;
    std::string example;
    auto there = drive_before.held;
    there.insert(drive_before.savable.begin(), drive_before.savable.end());
    for (const auto& [key, length] : there) {
        if (!rules.admits(key, length) || store.seen.held.contains(key)) continue;
        // What it believes to hold, and rot took since, is found out another time.
        if (store.seen.false_claims.contains(key) || store_buried.contains(key)) continue;
        ++missing;
        example = describe(key);
    }
    tally_.left_out += missing;
    expect(missing <= counted_out(result), "not imported by " + store.name + " and not counted, of " +
                                               std::to_string(missing) + ": " + example + text_of(result));
    if (!drive_before.sound() || !store_buried.empty() || !store.seen.waiting.empty() ||
        !event.handed_in.empty())
        return;
    if (store.overlooked) return;
    expect(result.imported == changes.came.size(),
           "imported " + std::to_string(changes.came.size()) + ", said" + text_of(result));
}

void Oracle::check_export(const Side& store, const Side& drive, const Seen& drive_before,
                          const Changes& changes, const Event& event, const VisitEnd& end) {
    const auto& rules = event.rules.front();
    const auto& result = end.report.result;
    tally_.displaced += result.displaced;
    // Of what clients handed in, nothing waits but where the disk has no room for a fold.
    for (const auto& entry : store.seen.waiting)
        expect(event.disk_is_full || event.handed_in.contains(entry.first),
               "not folded before a visit of " + store.name + ": " + describe(entry.first));
    if (!end.writable) {
        expect(changes.came.empty() && changes.gone.empty(), "a drive that is read-only has changed");
        return;
    }
    std::uint64_t missing = 0;
    std::string example;
    for (const auto& [key, length] : store.seen.bundled) {
        if (rules.is_dead(key) || drive.seen.held.contains(key) || event.handed_in.contains(key)) continue;
        // What a damaged file gives, and finds no place on the drive, goes into the store alone.
        if (drive_before.savable.contains(key)) continue;
        if (drive_before.false_claims.contains(key)) continue;
        ++missing;
        example = describe(key);
    }
    // What made room for others is missing as well.
    expect(missing <= result.not_exported + result.displaced || store.overlooked || end.unlisted,
           "not exported to " + drive.name + " and not counted, of " + std::to_string(missing) + ": " +
               example + text_of(result));
    if (end.shared || result.export_error) return;
    expect(drive.seen.void_files == 0, "a void file stayed on " + drive.name);
    expect(damaged_that_count(drive.seen, rules) == 0, "a damaged file stayed on " + drive.name);
}

}  // namespace wcmp::sim
