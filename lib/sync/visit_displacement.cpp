#include "sync/visit_displacement.h"

#include "bundle/existing_file.h"
#include "sync/held_check.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// What the plan can do without that.
bool leaves_the_plan_as_it_is(const Error& error) {
    return error.code != Errc::cancelled && error.code != Errc::internal;
}

std::uint64_t message_bytes(const Readers& bundles) {
    std::uint64_t sum = 0;
    for (const auto& reader : bundles) sum += reader->header().file_bytes - reader->header().messages_offset;
    return sum;
}

}  // namespace

bool VisitDisplacement::may_displace() const {
    const auto& settings = world_.settings;
    return settings.may_displace && !settings.shared && !world_.result.export_error &&
           visit_.plan.exports.left_out > 0 && world_.local.directory() != nullptr;
}

Result<void> VisitDisplacement::run() {
    if (!may_displace()) return {};
    const auto room = room_on(world_.drive, world_.settings, drive_.readers());
    // What came in since the plan was made counts as held.
    if (visit_.is_stale()) WCMP_TRY(visit_.make({.drive_bytes = room.new_bytes}, world_.stop));
    WCMP_ASSIGN(auto bundles, choose(room));
    if (bundles.empty()) return {};
    auto chosen = check(bundles);
    if (!chosen)
        return leaves_the_plan_as_it_is(chosen.error()) ? Result<void>{} : std::unexpected(chosen.error());
    bundles.clear();
    const auto freed = room.new_bytes + chosen->file_bytes;
    if (freed <= room.missing_bytes || chosen->bundles.empty()) return {};
    const auto before = visit_.plan.exports.messages;
    WCMP_TRY(visit_.make({.drive_bytes = freed - room.missing_bytes}, world_.stop));
    if (visit_.plan.exports.messages > before && still_covered(*chosen)) return displace(*chosen);
    return visit_.make({.drive_bytes = room.new_bytes}, world_.stop);
}

Result<Readers> VisitDisplacement::choose(const DriveRoom& room) {
    FullDrive full{.bundles = {},
                   .room_bytes = room.new_bytes,
                   .missing_bytes = room.missing_bytes,
                   .wanted_bytes = visit_.wanted_export_bytes()};
    const auto& readers = visit_.drive();
    for (std::size_t i = 0; i < readers.size(); ++i) {
        const bool held = !visit_.plan.lacking_in_store[i] && !visit_.distrusted()[i];
        full.bundles.push_back({.file_bytes = readers[i]->header().file_bytes, .held = held});
    }
    WCMP_ASSIGN(const auto positions, choose_displaced(full, world_.random));
    Readers chosen;
    for (const auto position : positions) chosen.push_back(readers[position]);
    return chosen;
}

// Those of which the store gave everything, and where it has that for good.
Result<VisitDisplacement::Chosen> VisitDisplacement::check(const Readers& bundles) {
    world_.progress.begin(Phase::checking, message_bytes(bundles));
    const auto& store = visit_.store();
    WCMP_ASSIGN(const auto held, check_held({.store = store,
                                             .drive = bundles,
                                             .admission = world_.settings.admission,
                                             .today = world_.today,
                                             .retention = visit_.retention(),
                                             .buffer_bytes = world_.settings.buffer_bytes,
                                             .told = [this](auto bytes) { world_.progress.advance(bytes); }},
                                            world_.stop));
    Chosen chosen;
    for (std::size_t i = 0; i < bundles.size(); ++i) {
        if (!held.messages[i]) continue;
        chosen.bundles.push_back(bundles[i]);
        chosen.messages.push_back(*held.messages[i]);
        chosen.file_bytes += bundles[i]->header().file_bytes;
    }
    for (std::size_t i = 0; i < store.size(); ++i)
        if (held.covering[i]) chosen.covering.push_back(store[i]->name());
    WCMP_TRY(make_durable(chosen.covering));
    return chosen;
}

// They may come from an earlier run, whose sync failed; and what a reader has mapped may have rotted since.
Result<void> VisitDisplacement::make_durable(const std::vector<bundle::Name>& covering) {
    auto* const directory = world_.local.directory();
    // It may have failed since the visit began: what clients hand in is written meanwhile.
    if (directory == nullptr) return fail(Errc::store_failing, "the store takes no more");
    for (const auto& name : covering) WCMP_TRY(bundle::confirm_index(*directory, name));
    return directory->sync();
}

// The store may have let bundles go meanwhile, and not all that was in them need have stayed.
bool VisitDisplacement::still_covered(const Chosen& chosen) const {
    const auto now = world_.local.bundles();
    return std::ranges::all_of(chosen.covering, [&](const auto& name) {
        return std::ranges::any_of(now, [&](const auto& reader) { return reader->name() == name; });
    });
}

// An error is the drive's: it is said, and what can be exported all the same is.
Result<void> VisitDisplacement::displace(const Chosen& chosen) {
    std::vector<bundle::Name> names;
    for (const auto& reader : chosen.bundles) names.push_back(reader->name());
    visit_.forget_drive_bundles(names);
    if (const auto gone = unlink_all(chosen); !gone) world_.note(gone.error());
    return {};
}

Result<void> VisitDisplacement::unlink_all(const Chosen& chosen) {
    for (std::size_t i = 0; i < chosen.bundles.size(); ++i) {
        const auto gone = world_.drive.unlink(bundle::to_string(chosen.bundles[i]->name()));
        if (!gone && gone.error().code != Errc::not_found) return gone;
        drive_.note_written();
        ++world_.result.displaced_bundles;
        world_.result.displaced += chosen.messages[i];
    }
    return world_.drive.sync();
}

}  // namespace wcmp::sync
