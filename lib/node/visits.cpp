#include "node/visits.h"

#include "log/log.h"
#include "node/drive_result.h"

#include <atomic>

namespace wcmp::node {

namespace {

// Progress as it stands when the node's thread gets to it: one message is under way, not hundreds.
class LatestProgress : public std::enable_shared_from_this<LatestProgress> {
public:
    LatestProgress(Home& home, std::function<void(const sync::Progress&)> show)
        : home_(home), show_(std::move(show)) {}

    void set(const sync::Progress& progress) {
        {
            const std::lock_guard lock(mutex_);
            latest_ = progress;
            if (std::exchange(posted_, true)) return;
        }
        home_.post([self = shared_from_this()] { self->show_(self->take()); });
    }

private:
    sync::Progress take() {
        const std::lock_guard lock(mutex_);
        posted_ = false;
        return latest_;
    }

    Home& home_;
    std::function<void(const sync::Progress&)> show_;
    std::mutex mutex_;
    sync::Progress latest_;
    bool posted_ = false;
};

}  // namespace

sync::VisitSettings visit_settings(const settings::Settings& settings, bool shared) {
    sync::VisitSettings out;
    out.admission = store_settings(settings).admission;
    out.shared = shared;
    if (settings.drives.bytes_max > 0) out.drive_bytes_max = settings.drives.bytes_max;
    out.drive_keep_free_bytes = settings.drives.keep_free_bytes;
    return out;
}

Visits::Visits(Context& context, Ingest& ingest, View& view, Repairs& repairs, Evictions& evictions,
               std::function<void()> drives_changed)
    : context_(context),
      drives_changed_(std::move(drives_changed)),
      ingest_(ingest),
      view_(view),
      repairs_(repairs),
      evictions_(evictions),
      sessions_(context.events),
      due_(context.timers.add([this] { start_due(); })) {}

void Visits::start(drives::Source& source) {
    source.start({.added =
                      [this, &source](const drives::DriveAdded& drive) {
                          sessions_.added(drive, source, context_.clock.boot_time());
                          start_due();
                      },
                  .changed =
                      [this](const drives::DriveChanged& drive) {
                          sessions_.changed(drive.id, context_.clock.boot_time());
                          start_due();
                      },
                  .removed =
                      [this](const drives::DriveRemoved& drive) {
                          sessions_.removed(drive.id, context_.clock.boot_time());
                          look_for_damage();
                          start_due();
                      },
                  .readiness =
                      [this](const drives::DriveReadiness& drive) {
                          sessions_.readiness(drive, context_.clock.boot_time());
                          start_due();
                      },
                  .wanted =
                      [this](const drives::DriveWanted& drive) {
                          sessions_.wanted(drive.id, context_.clock.boot_time());
                          start_due();
                      },
                  .freed =
                      [this](const drives::DriveFreed& drive) {
                          sessions_.freed(drive.id);
                          drives_changed_();
                      },
                  .answers =
                      [this](const drives::DriveAnswers& drive) {
                          if (!drive.answers) log::warning("a configured directory does not answer");
                          sessions_.answers(drive, context_.clock.boot_time());
                          start_due();
                      }});
}

void Visits::stop() {
    sessions_.stop();
}

void Visits::store_changed(std::optional<drives::DriveId> brought_by) {
    sessions_.store_changed(context_.clock.boot_time(), brought_by);
    start_due();
}

Outcome<void> Visits::sync(std::string_view drive) {
    const auto done = sessions_.sync(drive, context_.clock.boot_time());
    start_due();
    return done;
}

Outcome<void> Visits::release(std::string_view drive) {
    const auto done = sessions_.release(drive, context_.clock.boot_time());
    start_due();
    return done;
}

// After everything that may have changed a session.
void Visits::start_due() {
    const auto left_alone = sessions_.left_alone();
    for (auto& start : sessions_.start_due(context_.clock.boot_time())) {
        if (start.tidies)
            tidy(start);
        else
            ingest_.fold_before(start.kind, [this, start] { begin(start); });
    }
    if (sessions_.left_alone() > left_alone) log::warning("a drive does not answer; its visit is left alone");
    context_.warnings.set("directory_silent", sessions_.directory_silent());
    wake_in_time();
    take_turns_away();
    drives_changed_();
}

void Visits::wake_in_time() {
    if (const auto next = sessions_.next_due()) context_.timers.at(due_, *next);
}

// A drive that hangs in the middle of an import holds up nobody else's.
void Visits::take_turns_away() {
    for (const auto id : sessions_.take_given_up())
        if (const auto found = tickets_.find(id); found != tickets_.end())
            to_take_away_.push_back(found->second);
    std::erase_if(to_take_away_,
                  [this](const auto& ticket) { return context_.write_turn.take_away(ticket); });
    constexpr auto again = std::chrono::seconds(1);
    if (!to_take_away_.empty()) context_.timers.at_latest(due_, context_.clock.boot_time() + again);
}

VisitOrder Visits::order_for(const DriveSessions::Start& start) {
    const auto& drives = context_.settings->drives;
    const auto id = start.id;
    auto progress = std::make_shared<LatestProgress>(context_.home, [this, id](const auto& now) {
        sessions_.progress(id, now, context_.clock.boot_time());
    });
    auto visit = visit_settings(*context_.settings, start.shared);
    visit.may_displace = start.may_displace;
    visit.memory = &memory_;
    visit.boot_time = context_.clock.boot_time();
    return {.source = *start.source,
            .drive = id,
            .folder = drives.folder,
            .adopt_any = drives.adopt == settings::Adopt::any && sessions_.may_be_adopted(id),
            .keep_free_bytes = drives.keep_free_bytes,
            .settings = visit,
            .today = context_.keeper.today(),
            .random = context_.random,
            .stop = start.stop,
            .bytes_max = drives.visit_bytes_max,
            .pulse = start.pulse,
            .on_progress = [progress](const auto& now) { progress->set(now); }};
}

// The fold that it waited for has been done, or cannot be done now.
void Visits::begin(const DriveSessions::Start& start) {
    const std::chrono::seconds longest(context_.settings->drives.visit_seconds_max);
    if (!sessions_.sets_out(start, context_.clock.boot_time(), longest)) return;
    wake_in_time();
    auto arrived = [this](std::vector<MessageKey> keys) {
        context_.home.post([this, keys = std::move(keys)] { view_.arrived(keys); });
    };
    auto local =
        std::make_unique<LocalStore>(context_.store, context_.write_turn, std::move(arrived), start.pulse);
    tickets_[start.id] = local->ticket();
    auto& worker = workers_[start.id] = std::make_unique<Worker>();
    context_.home.run(
        *worker, [local = std::move(local), order = order_for(start)] { return run_visit(*local, order); },
        [this, id = start.id](const VisitReport& report) { finished(id, report); });
}

// Without the store: nothing is folded, imported or exported.
void Visits::tidy(const DriveSessions::Start& start) {
    if (!sessions_.sets_out(start, context_.clock.boot_time(), Tidying::longest)) return;
    auto& worker = workers_[start.id] = std::make_unique<Worker>();
    context_.home.run(
        *worker, [order = order_for(start)] { return run_tidying(order); },
        [this, id = start.id](const VisitReport& report) { finished(id, report); });
}

void Visits::look_for_damage() {
    context_.warnings.set("drive_damaged", sessions_.damage_left());
}

void Visits::finished(drives::DriveId id, const VisitReport& report) {
    workers_.erase(id);
    tickets_.erase(id);
    context_.store_worked();
    if (report.error && report.error->code != Errc::cancelled)
        log::warning("a visit to a drive failed: " + describe(*report.error));
    if (const auto& result = report.result; result.displaced_bundles > 0)
        log::info("a full drive made room: " + std::to_string(result.displaced) + " messages in " +
                  std::to_string(result.displaced_bundles) + " bundles went from it, and are held here");
    if (report.still_in_use) log::warning("a drive is still in use after its visit");
    view_.refresh();
    sessions_.finished(id, report, context_.clock.boot_time());
    look_for_damage();
    repairs_.want(report.result.wrong_in_store);
    context_.refusals.add(refused_counts(report.result));
    evictions_.visited(report.result);
    if (report.result.imported > 0) store_changed(id);
    start_due();
}

}  // namespace wcmp::node
