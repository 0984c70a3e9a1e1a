#include "sync/visit_import.h"

#include "core/limits.h"
#include "sync/absorption.h"
#include "sync/drive_room.h"
#include "sync/rescue.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync {
namespace {

// The importer's turn, given back at the end of the scope.
class ImportTurn {
public:
    explicit ImportTurn(Local& local) : local_(local) {}
    ImportTurn(const ImportTurn&) = delete;
    ImportTurn& operator=(const ImportTurn&) = delete;
    ~ImportTurn() {
        if (held_) local_.end_import();
    }
    Result<void> take(const std::stop_token& stop) {
        WCMP_TRY(local_.begin_import(stop));
        held_ = true;
        return {};
    }

private:
    Local& local_;
    bool held_ = false;
};

// A store that is full ends the import, and nothing else.
Result<void> unless_full(const Result<void>& done) {
    if (done || done.error().code == Errc::no_space) return {};
    return done;
}

}  // namespace

Result<void> VisitImport::run() {
    auto done = attempt();
    for (unsigned again = 0; again < limits::plans_again_max; ++again) {
        if (done || !is_worth_another(done.error())) break;
        // Whoever took the input away has put its messages elsewhere, most likely.
        done = drive_.open(world_.stop);
        if (done) done = attempt();
    }
    WCMP_TRY(done);
    count();
    return {};
}

// What was counted of a plan that is thrown away comes up again in the next one.
Result<void> VisitImport::attempt() {
    const auto invalid = world_.result.invalid;
    const auto unreadable = world_.result.unreadable;
    input_failed_ = true;
    WCMP_TRY(make_plan());
    input_failed_ = false;
    const auto done = import_all();
    if (!done && is_worth_another(done.error())) {
        world_.result.invalid = invalid;
        world_.result.unreadable = unreadable;
    }
    return done;
}

// Another relay merged or removed a bundle, on this machine or another; or its index is not what it was.
bool VisitImport::is_worth_another(const Error& error) const {
    if (!input_failed_) return false;
    return error.code == Errc::not_found || error.os_error == ESTALE || error.code == Errc::bundle;
}

Result<void> VisitImport::make_plan() {
    imported_before_ = world_.result.imported;
    const auto room = room_on(world_.drive, world_.settings, drive_.readers());
    return visit_.make({.store = world_.local.room(), .drive_bytes = room.new_bytes}, world_.stop);
}

// Nothing is imported twice: when the store has changed while this drive was read, the plan is made again.
Result<void> VisitImport::import_all() {
    if (visit_.plan.imports.pieces.empty()) return {};
    ImportTurn turn(world_.local);
    WCMP_TRY(turn.take(world_.stop));
    if (visit_.is_stale()) {
        input_failed_ = true;
        WCMP_TRY(make_plan());
        input_failed_ = false;
    }
    return visit_.plan.imports.pieces.empty() ? Result<void>{} : carry_imports();
}

Result<void> VisitImport::carry_imports() {
    auto& imports = visit_.plan.imports;
    world_.progress.begin(Phase::importing, imports.message_bytes);
    const auto covered = absorb_small();
    TransferOrder order{
        .transfer = imports,
        .giving_bundles = visit_.drive().size(),
        .buffer_bytes = world_.settings.buffer_bytes,
        .options = world_.commit_options(false),
        .commit_piece = [this](auto items, auto& source,
                               const auto& how) { return world_.local.import(items, source, how); },
        .committed = [&](const CommittedPiece& piece) { return imported(piece, covered); },
        .bad_message = [this](Errc code) { world_.count_invalid(code); }};
    const auto done = carry_out(order, world_.random);
    input_failed_ = order.input_failed;
    full_ = !done && done.error().code == Errc::no_space;
    return unless_full(done);
}

std::vector<bundle::Name> VisitImport::absorb_small() {
    const auto* const directory = world_.local.directory();
    if (directory == nullptr) return {};
    return absorb(visit_.plan.imports, visit_.store(), visit_.plan.store_digests, {}, world_.today,
                  free_for_commit(*directory, 0));
}

Result<void> VisitImport::imported(const CommittedPiece& piece, const std::vector<bundle::Name>& absorbed) {
    if (piece.commit.skipped) return {};
    world_.result.imported += piece.added.size();
    world_.result.imported_bytes += piece.added_bytes;
    world_.result.bytes_written_store += piece.commit.bytes_written;
    const auto covered =
        piece.covers_inputs ? covered_by(absorbed, piece.commit.files) : std::vector<bundle::Name>{};
    return world_.local.publish(piece.commit.files, covered, piece.added);
}

void VisitImport::count() {
    const auto& plan = visit_.plan;
    auto& result = world_.result;
    // What this visit brought before its last plan was not known.
    result.known = plan.known - std::min(plan.known, imported_before_);
    result.refused = plan.refused;
    result.invalid[static_cast<std::size_t>(Errc::size)] += plan.too_short;
    const bool shared_out = visit_.store_room().is_shared_out();
    (shared_out ? result.refused_import_share : result.refused_store_full) = plan.imports.left_out;
    if (full_) {
        const auto brought = result.imported - imported_before_;
        result.refused_store_full += plan.imports.messages - std::min(plan.imports.messages, brought);
    }
    result.not_exported = plan.exports.left_out;
}

Result<void> VisitImport::rescue() {
    if (drive_.unsaved().empty()) return {};
    ImportTurn turn(world_.local);
    WCMP_TRY(turn.take(world_.stop));
    world_.progress.begin(Phase::importing);
    Rescue rescue(world_.local, world_.drive, world_.settings, world_.today, world_.result,
                  world_.commit_options(false));
    return unless_full(rescue.run(drive_.unsaved()));
}

}  // namespace wcmp::sync
