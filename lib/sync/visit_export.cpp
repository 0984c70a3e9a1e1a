#include "sync/visit_export.h"

#include "sync/absorption.h"
#include "sync/drive_room.h"
#include "sync/drive_upkeep.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// Errors that end the visit, not only the writing of the drive.
bool ends_visit(const Error& error) {
    return error.code == Errc::cancelled || error.code == Errc::internal;
}

}  // namespace

Result<void> VisitExport::run() {
    world_.result.not_exported = wanted();
    if (!is_drive_dead()) {
        const auto exported = export_all();
        world_.result.not_exported = wanted() - std::min(wanted(), world_.result.exported);
        if (!exported && ends_visit(exported.error())) return exported;
        if (!exported) world_.note(exported.error());
    }
    world_.progress.begin(Phase::releasing);
    if (is_drive_dead()) return {};
    if (const auto synced = sync_drive(); !synced) world_.note(synced.error());
    return {};
}

std::uint64_t VisitExport::wanted() const {
    return visit_.plan.exports.messages + visit_.plan.exports.left_out;
}

bool VisitExport::is_drive_dead() const {
    return world_.result.export_error && world_.result.export_error->code == Errc::io;
}

Result<void> VisitExport::export_all() {
    const auto& exports = visit_.plan.exports;
    if (wanted() == 0) return {};
    if (exports.pieces.empty()) return fail(Errc::no_space, "the drive has no room for new messages");
    WCMP_TRY(carry_exports());
    if (exports.left_out > 0)
        return fail(Errc::no_space, "the drive had room for a part of the new messages");
    return {};
}

Result<void> VisitExport::carry_exports() {
    auto& exports = visit_.plan.exports;
    world_.progress.begin(Phase::exporting, exports.message_bytes);
    const auto covered = absorb_small();
    TransferOrder order{
        .transfer = exports,
        .giving_bundles = visit_.store().size(),
        .buffer_bytes = world_.settings.buffer_bytes,
        .options = world_.commit_options(world_.settings.shared),
        .commit_piece = [this](auto items, auto& source,
                               const auto& how) { return bundle::commit(world_.drive, items, source, how); },
        .committed = [&](const CommittedPiece& piece) { return exported(piece, covered); },
        .bad_message = [this](Errc code) { world_.count_invalid(code); }};
    const auto done = carry_out(order, world_.random);
    world_.result.is_of_store = !done && order.input_failed && !world_.result.export_error;
    return done;
}

std::vector<bundle::Name> VisitExport::absorb_small() {
    if (world_.settings.shared) return {};
    const auto room = room_on(world_.drive, world_.settings, drive_.readers());
    return absorb(visit_.plan.exports, visit_.drive(), visit_.plan.drive_digests, visit_.distrusted(),
                  world_.today, room.free_bytes);
}

Result<void> VisitExport::exported(const CommittedPiece& piece, const std::vector<bundle::Name>& absorbed) {
    auto& result = world_.result;
    result.others_at_work |= piece.commit.skipped && world_.settings.shared;
    if (piece.commit.skipped) return {};
    result.exported += piece.added.size();
    result.exported_bytes += piece.added_bytes;
    result.bytes_written_drive += piece.commit.bytes_written;
    written_ = true;
    made_.insert(made_.end(), piece.commit.files.begin(), piece.commit.files.end());
    if (!piece.covers_inputs || absorbed.empty()) return {};
    return unlink_all(covered_by(absorbed, piece.commit.files));
}

Result<void> VisitExport::unlink_all(const std::vector<bundle::Name>& names) {
    for (const auto& name : names) {
        const auto gone = world_.drive.unlink(bundle::to_string(name));
        if (!gone && gone.error().code != Errc::not_found) return gone;
        unlinked_.push_back(name);
    }
    return world_.drive.sync();
}

// What was written is opened once more for it; everything else is open already.
bool VisitExport::leaves_upkeep_due() const {
    const auto& error = world_.result.export_error;
    if (world_.settings.shared || (error && error->code != Errc::no_space)) return false;
    auto bundles = drive_.readers();
    const auto is_other = [&](const auto& reader) {
        const auto& name = reader->name();
        return std::ranges::find(unlinked_, name) != unlinked_.end() ||
               std::ranges::find(made_, name) != made_.end();
    };
    std::erase_if(bundles, is_other);
    for (const auto& name : made_) {
        auto file = world_.drive.open(bundle::to_string(name));
        if (!file) continue;
        if (auto reader = bundle::Reader::open(std::move(*file), name)) bundles.push_back(std::move(*reader));
    }
    return is_tidying_due(bundles, world_.drive, world_.settings, world_.today);
}

// An unchanged drive is not written at all.
Result<void> VisitExport::sync_drive() {
    if (!written_ && !drive_.written()) return {};
    WCMP_TRY(world_.drive.set_constant_times());
    return world_.drive.sync_file_system();
}

}  // namespace wcmp::sync
