#include "node/visit_job.h"

#include "sync/drive_upkeep.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace wcmp::node {

namespace {

std::uint64_t keep_free_bytes(const VisitOrder& order, const io::Space& space) {
    constexpr auto default_max = std::uint64_t{64} << 20;
    return order.keep_free_bytes > 0 ? order.keep_free_bytes : std::min(default_max, space.total_bytes / 16);
}

// The folder that holds the bundles; null when the drive is not prepared.
Result<std::unique_ptr<io::Directory>> open_folder(io::Directory& root, const VisitOrder& order) {
    auto folder = root.open_directory(order.folder);
    if (folder || folder.error().code != Errc::not_found) return folder;
    if (folder.error().os_error == ENOTDIR)  // preparing the drive would not help
        return fail(Errc::not_regular, "what has the folder's name is no folder", ENOTDIR);
    if (!order.adopt_any) return nullptr;
    WCMP_ASSIGN(const auto space, root.space());
    if (space.read_only || space.free_bytes < keep_free_bytes(order, space)) return nullptr;
    WCMP_TRY(root.make_directory(order.folder));
    WCMP_TRY(root.sync());
    return root.open_directory(order.folder);
}

VisitReport failed_to_open(const Error& error) {
    const auto end = error.code == Errc::not_found ? VisitReport::End::removed : VisitReport::End::failed;
    return {.end = end, .error = error};
}

// What is done in the folder.
using Work = std::function<Result<void>(io::Directory& folder, const sync::VisitSettings& settings,
                                        sync::VisitResult& result)>;

Work visit_with(sync::Local& local, const VisitOrder& order) {
    return [&](auto& folder, const auto& settings, auto& result) {
        sync::Visit visit(local, folder, settings, order.today, order.random);
        visit.on_progress = order.on_progress;
        return visit.run(result, order.stop.get_token());
    };
}

Work tidying(const VisitOrder& order) {
    return [&](auto& folder, const auto& settings, auto& result) -> Result<void> {
        sync::UpkeepResult upkeep;
        const auto done = sync::tidy_drive(folder, settings, order.today, order.random, order.on_progress,
                                           upkeep, order.stop.get_token());
        result.wrong_bundles = upkeep.wrong_bundles + upkeep.found_invalid.size();
        result.salvaged = upkeep.salvaged;
        result.lost = upkeep.lost;
        if (done) return {};
        const auto code = done.error().code;
        const bool harmless = code == Errc::cancelled || code == Errc::no_space || code == Errc::read_only;
        return harmless ? Result<void>{} : done;
    };
}

VisitReport work_in_folder(const Work& work, io::Directory& folder, const VisitOrder& order) {
    const auto space = folder.space();
    if (!space) return {.end = VisitReport::End::failed, .error = space.error()};
    auto settings = order.settings;
    settings.drive_keep_free_bytes = keep_free_bytes(order, *space);
    VisitReport report;
    const auto ran = work(folder, settings, report.result);
    report.end = ran ? VisitReport::End::done : VisitReport::End::failed;
    if (!ran) report.error = ran.error();
    return report;
}

// The medium has failed, as the meter saw it or as the visit itself did.
std::optional<Error> dead(const VisitReport& report, const drives::Meter& meter) {
    if (auto failure = meter.failure()) return failure;
    const auto& told = report.result.export_error;
    return told && told->code == Errc::io ? told : std::nullopt;
}

// Everything of the drive is closed when this returns.
VisitReport work_on_root(const Work& work, std::unique_ptr<io::Directory> root, const VisitOrder& order) {
    auto folder = open_folder(*root, order);
    if (!folder) return {.end = VisitReport::End::failed, .error = folder.error()};
    if (!*folder) return {.end = VisitReport::End::unprepared};
    auto report = work_in_folder(work, **folder, order);
    std::ignore = root->space();  // the meter looks at it: the kernel may have met damage meanwhile
    return report;
}

bool can_be_written(const io::Directory& root) {
    const auto space = root.space();
    return space && !space->read_only;
}

void fail_report(VisitReport& report, const Error& error) {
    report.end = VisitReport::End::failed;
    report.error = error;
}

// The source may wait here for as long as somebody else uses the drive; people see what it waits for.
void release(const VisitOrder& order, VisitReport& report) {
    if (order.on_progress) order.on_progress({.phase = sync::Phase::releasing});
    order.pulse->resting = true;
    const auto released = order.source.release(order.drive);
    if (released) return;
    report.still_in_use = released.error().code == Errc::busy;
    if (!report.error && !report.still_in_use) fail_report(report, released.error());
}

VisitReport work_on_drive(const Work& work, std::unique_ptr<io::Directory> root, const VisitOrder& order) {
    const auto meter =
        std::make_shared<drives::Meter>(order.bytes_max, order.stop, order.pulse, can_be_written(*root));
    auto report = work_on_root(work, drives::metered(std::move(root), meter), order);
    report.used_up = meter->used_up();
    if (const auto failure = dead(report, *meter)) fail_report(report, *failure);
    release(order, report);
    return report;
}

}  // namespace

VisitReport run_visit(sync::Local& local, const VisitOrder& order) {
    auto root = order.source.open(order.drive);
    if (!root) return failed_to_open(root.error());
    return work_on_drive(visit_with(local, order), std::move(*root), order);
}

VisitReport run_tidying(const VisitOrder& order) {
    auto root = order.source.open(order.drive);
    // It has gone, or is mounted no more: nothing of ours is open, as after the visit.
    if (!root && root.error().code == Errc::not_found) return {.end = VisitReport::End::done};
    if (!root) return failed_to_open(root.error());
    return work_on_drive(tidying(order), std::move(*root), order);
}

}  // namespace wcmp::node
