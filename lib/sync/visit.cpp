#include "sync/visit.h"

#include "sync/absorption.h"
#include "sync/drive_bundles.h"
#include "sync/rescue.h"
#include "sync/transfer.h"
#include "sync/visit_plan.h"

#include <algorithm>

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

// Errors that end the visit, not only the writing of the drive.
bool ends_visit(const Error& error) {
    return error.code == Errc::cancelled || error.code == Errc::internal;
}

class Run {
public:
    Run(Local& local, io::Directory& drive, const VisitSettings& settings, const message::Today& today,
        Random& random, VisitResult& result, const std::function<void(const Progress&)>& on_progress,
        std::stop_token stop)
        : local_(local),
          drive_(drive),
          settings_(settings),
          today_(today),
          random_(random),
          result_(result),
          on_progress_(on_progress),
          stop_(std::move(stop)),
          bundles_(drive, settings, today, random, result),
          visit_(local, bundles_, settings, today, random, result) {}

    Result<void> run() {
        tell(Phase::reading);
        WCMP_TRY(bundles_.open(stop_));
        WCMP_TRY(make_plan());
        WCMP_TRY(import_all());
        count();
        WCMP_TRY(rescue());
        if (const auto exported = export_all(); !exported) {
            if (ends_visit(exported.error())) return exported;
            note(exported.error());
        }
        tell(Phase::releasing);
        if (const auto synced = sync_drive(); !synced) note(synced.error());
        return {};
    }

private:
    Result<void> make_plan() {
        return visit_.make({.store_bytes = local_.room_bytes(), .drive_bytes = drive_room()}, stop_);
    }

    // What may be written to the drive. A drive that cannot be asked takes nothing.
    std::uint64_t drive_room() const {
        const auto space = drive_.space();
        if (!space || space->read_only) return ~std::uint64_t{0};  // the commit says why it cannot
        const auto reserved = settings_.drive_keep_free_bytes + limits::commit_reserve_bytes;
        const auto free = space->free_bytes > reserved ? space->free_bytes - reserved : 0;
        std::uint64_t used = 0;
        for (const auto& reader : bundles_.readers()) used += reader->header().file_bytes;
        const auto quota = settings_.drive_bytes_max > used ? settings_.drive_bytes_max - used : 0;
        return std::min(free, quota);
    }

    // Nothing is imported twice: when the store has changed while this drive was read, the plan is made
    // again.
    Result<void> import_all() {
        if (visit_.plan.imports.pieces.empty()) return {};
        ImportTurn turn(local_);
        WCMP_TRY(turn.take(stop_));
        if (visit_.is_stale()) WCMP_TRY(make_plan());
        if (visit_.plan.imports.pieces.empty()) return {};
        tell(Phase::importing);
        auto& imports = visit_.plan.imports;
        const bool absorbs = local_.directory() != nullptr;
        const auto covered = absorbs ? absorb(imports, visit_.store(), visit_.plan.store_digests, {}, today_)
                                     : std::vector<bundle::Name>{};
        TransferOrder order{
            .transfer = imports,
            .giving_bundles = visit_.drive().size(),
            .buffer_bytes = settings_.buffer_bytes,
            .options = options(Phase::importing, imports.message_bytes, false),
            .commit_piece = [this](auto items, auto& source,
                                   const auto& how) { return local_.import(items, source, how); },
            .committed = [&](const CommittedPiece& piece) { return imported(piece, covered); },
            .bad_message = [this](Errc code) { count_invalid(code); }};
        const auto done = carry_out(order, random_);
        if (done || done.error().code != Errc::no_space) return done;
        full_ = true;  // the other direction goes on
        return {};
    }

    Result<void> rescue() {
        if (bundles_.unsaved().empty()) return {};
        ImportTurn turn(local_);
        WCMP_TRY(turn.take(stop_));
        Rescue rescue(local_, drive_, settings_, today_, result_, options(Phase::importing, 0, false));
        const auto done = rescue.run(bundles_.unsaved());
        if (done || done.error().code != Errc::no_space) return done;
        return {};
    }

    Result<void> imported(const CommittedPiece& piece, const std::vector<bundle::Name>& absorbed) {
        if (piece.commit.skipped) return {};
        result_.imported += piece.added.size();
        result_.imported_bytes += piece.added_bytes;
        result_.bytes_written_store += piece.commit.bytes_written;
        const auto covered =
            piece.covers_inputs ? without(absorbed, piece.commit.files) : std::vector<bundle::Name>{};
        return local_.publish(piece.commit.files, covered, piece.added);
    }

    void count() {
        const auto& plan = visit_.plan;
        result_.known = plan.known;
        result_.refused = plan.refused;
        result_.refused_store_full = plan.imports.left_out;
        if (full_)
            result_.refused_store_full +=
                plan.imports.messages - std::min(plan.imports.messages, result_.imported);
        result_.not_exported = plan.exports.left_out;
    }

    Result<void> export_all() {
        auto& exports = visit_.plan.exports;
        const auto wanted = exports.messages + exports.left_out;
        if (exports.pieces.empty()) {
            if (wanted > 0) return fail(Errc::no_space, "the drive has no room for new messages");
            return {};
        }
        tell(Phase::exporting);
        const auto covered = settings_.shared ? std::vector<bundle::Name>{}
                                              : absorb(exports, visit_.drive(), visit_.plan.drive_digests,
                                                       visit_.distrusted(), today_);
        TransferOrder order{
            .transfer = exports,
            .giving_bundles = visit_.store().size(),
            .buffer_bytes = settings_.buffer_bytes,
            .options = options(Phase::exporting, exports.message_bytes, settings_.shared),
            .commit_piece = [this](auto items, auto& source,
                                   const auto& how) { return bundle::commit(drive_, items, source, how); },
            .committed = [&](const CommittedPiece& piece) { return exported(piece, covered); },
            .bad_message = [this](Errc code) { count_invalid(code); }};
        const auto done = carry_out(order, random_);
        result_.not_exported = wanted - std::min(wanted, result_.exported);
        if (done && exports.left_out > 0)
            return fail(Errc::no_space, "the drive had room for a part of the new messages");
        return done;
    }

    Result<void> exported(const CommittedPiece& piece, const std::vector<bundle::Name>& absorbed) {
        result_.others_at_work |= piece.commit.skipped && settings_.shared;
        if (piece.commit.skipped) return {};
        result_.exported += piece.added.size();
        result_.exported_bytes += piece.added_bytes;
        result_.bytes_written_drive += piece.commit.bytes_written;
        drive_written_ = true;
        if (!piece.covers_inputs || absorbed.empty()) return {};
        for (const auto& name : without(absorbed, piece.commit.files)) {
            const auto gone = drive_.unlink(bundle::to_string(name));
            if (!gone && gone.error().code != Errc::not_found) return gone;
        }
        return drive_.sync();
    }

    // An output is never taken away as an input.
    static std::vector<bundle::Name> without(std::vector<bundle::Name> names,
                                             const std::vector<bundle::Name>& outputs) {
        std::erase_if(names,
                      [&](const auto& name) { return std::ranges::find(outputs, name) != outputs.end(); });
        return names;
    }

    // An unchanged drive is not written at all.
    Result<void> sync_drive() {
        if (!drive_written_ && !bundles_.written()) return {};
        WCMP_TRY(drive_.set_constant_times());
        return drive_.sync_file_system();
    }

    bundle::CommitOptions options(Phase phase, std::uint64_t total_bytes, bool shared) {
        progress_ = {.phase = phase, .done_bytes = 0, .total_bytes = total_bytes};
        return {.shared = shared, .stop = stop_, .on_message = [this](const auto& item, const auto&) {
                    progress_.done_bytes =
                        std::min(progress_.done_bytes + item.length, progress_.total_bytes);
                    if (on_progress_) on_progress_(progress_);
                }};
    }

    void tell(Phase phase) {
        progress_ = {.phase = phase};
        if (on_progress_) on_progress_(progress_);
    }

    void count_invalid(Errc code) {
        if (code == Errc::io) {
            ++result_.unreadable;
            return;
        }
        const auto place = is_format_class(code) ? code : Errc::bundle;
        ++result_.invalid[static_cast<std::size_t>(place)];
    }

    void note(const Error& error) {
        if (!result_.export_error) result_.export_error = error;
    }

    Local& local_;
    io::Directory& drive_;
    const VisitSettings& settings_;
    const message::Today& today_;
    Random& random_;
    VisitResult& result_;
    const std::function<void(const Progress&)>& on_progress_;
    std::stop_token stop_;
    DriveBundles bundles_;
    VisitPlan visit_;
    Progress progress_;
    bool drive_written_ = false;
    bool full_ = false;
};

}  // namespace

Result<void> Visit::run(VisitResult& result, std::stop_token stop) {
    return Run(local_, drive_, settings_, today_, random_, result, on_progress, std::move(stop)).run();
}

}  // namespace wcmp::sync
