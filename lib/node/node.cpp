#include "node/node.h"

#include "core/hex.h"
#include "core/limits.h"
#include "log/log.h"
#include "node/light_state.h"
#include "node/parts.h"

#include <algorithm>

namespace wcmp::node {

namespace {

constexpr int exit_store_failing = 75;  // EX_TEMPFAIL: the next start tries once more
constexpr auto give_up_after = std::chrono::seconds(10);

Result<ClockKeeper> make_keeper(const io::Directory& directory, const settings::Settings& settings,
                                Day build_day, const Clock& clock) {
    store::ClockTrust::Start start{
        .build_day = build_day, .high_water = {}, .trust_rtc = settings.clock.trust_rtc};
    const auto state = store::load_state(directory);
    if (state) {
        start.high_water = state->high_water;
        start.ahead = state->ahead;
    } else if (state.error().code != Errc::not_found && state.error().code != Errc::invalid &&
               state.error().code != Errc::io) {  // then the store opens for reading only
        return std::unexpected(state.error());
    }
    ClockKeeper keeper(store::ClockTrust(start, clock), clock);
    keeper.update();
    return keeper;
}

// What a person must look at; the rest of the warnings only informs.
constexpr std::string_view attention_codes[] = {
    "clock_behind",  "clock_ahead",   "clock_unsynced", "store_full",    "store_failing",
    "store_damaged", "drive_damaged", "store_volatile", "under_voltage", "no_mounter",
};

void log_report(const store::OpenReport& report) {
    if (report.failing)
        log::error("the disk of the store fails, what it holds can only be read: " +
                   describe(*report.failing));
    if (report.damaged > 0) {
        log::warning("the store held damaged bundles; what could be saved was saved; look at its disk");
        log::debug("saved " + std::to_string(report.saved) + ", lost " + std::to_string(report.lost));
    }
    if (report.unknown_format > 0)
        log::warning("the store holds bundles of a later version, which are left alone");
}

}  // namespace

store::StoreSettings store_settings(const settings::Settings& settings) {
    return {.store_bytes_max = settings.store.bytes_max,
            .store_keep_free_bytes = settings.store.keep_free_bytes,
            .admission = {.lifetime_days_max = settings.rules.lifetime_days_max,
                          .message_bytes_max = settings.rules.message_bytes_max},
            .covered = settings.cover.messages_per_visit > 0};
}

std::uint64_t message_bytes_max(const settings::Settings& settings) {
    const auto rule = settings.rules.message_bytes_max;
    if (settings.cover.messages_per_visit == 0) return rule;
    return std::min<std::uint64_t>(rule, limits::journal_message_bytes_max);
}

Node::Parts::Parts(World world, NodeOptions node_options, std::unique_ptr<store::Store> opened,
                   const ClockKeeper& clock_keeper, const settings::Settings& settings, const RunNonce& nonce)
    : options(std::move(node_options)),
      started(world.clock.boot_time()),
      home(world.io),
      timers(world.io, world.clock),
      random(world.random),
      store(std::move(opened)),
      keeper(clock_keeper),
      events(home, to_hex(nonce.view())),
      light(
          home, [this] { return light_now(); }, options.show_light),
      warnings(events, [this] { light.look(); }),
      write_turn([this] {
          home.post([this] {
              ingest.turn_is_free();
              repairs.turn_is_free();
              clock_watch.turn_is_free();
          });
      }),
      context{.home = home,
              .timers = timers,
              .clock = world.clock,
              .random = random,
              .keeper = keeper,
              .events = events,
              .warnings = warnings,
              .refusals = refusals,
              .write_turn = write_turn,
              .store = *store,
              .store_worker = store_worker,
              .reader_worker = reader_worker,
              .settings = std::make_shared<const settings::Settings>(settings),
              .store_worked = [this] { look_at_store(); }},
      view(context),
      repairs(context, view),
      evictions(context, view, [this](auto damaged) { repairs.want(damaged); }),
      ingest(context, view, [this] { visits.store_changed({}); }),
      reading(context, view, repairs, nonce),
      visits(context, ingest, view, repairs, evictions,
             [this] {
                 light.look();
                 store_upkeep.give_way(visits.busy() > 0);
             }),
      uploads(context, view, repairs, evictions, [this] { visits.store_changed({}); }),
      store_upkeep(context, view, repairs),
      clock_watch(context, view),
      machine_watch(context, options.sysfs),
      mounter_watch(context),
      give_up(timers.add([this] { options.exit(exit_store_failing); })) {
    warnings.set("no_cover", !ingest.covered());
    warnings.set("store_volatile", options.store_is_volatile);
    clock_watch.look();
    machine_watch.look();
    light.look();
    evictions.look();
}

bool Node::Parts::needs_attention() const {
    return std::ranges::any_of(attention_codes, [this](std::string_view code) { return warnings.has(code); });
}

drives::Light Node::Parts::light_now() const {
    return light_state(visits.infos(), needs_attention());
}

void Node::Parts::look_at_store() {
    evictions.look();
    if (!store->failing() || warnings.has("store_failing")) return;  // an end would help no start
    warnings.set("store_failing", true);
    log::error("the disk of the store fails: nothing more is written, the daemon ends in 10 seconds");
    timers.in(give_up, give_up_after);
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Node::~Node() {
    parts_->visits.stop();
    parts_->uploads.stop();
    parts_->store_upkeep.stop();
    parts_->evictions.stop();
    parts_->timers.stop();
}

Result<std::unique_ptr<Node>> Node::open(World world, std::unique_ptr<io::Directory> store_directory,
                                         const settings::Settings& settings, NodeOptions options) {
    WCMP_ASSIGN(auto keeper, make_keeper(*store_directory, settings, options.build_day, world.clock));
    RunNonce nonce;
    WCMP_TRY(world.random.fill(nonce.bytes));
    store::OpenReport report;
    WCMP_ASSIGN(auto store, store::Store::open(std::move(store_directory), store_settings(settings),
                                               keeper.today(), {world.clock, world.random}, report));
    log_report(report);
    auto parts =
        std::make_unique<Parts>(world, std::move(options), std::move(store), keeper, settings, nonce);
    parts->warnings.set("store_damaged", report.damaged > 0);
    parts->warnings.set("store_failing", report.failing.has_value());
    if (report.disk_full) parts->ingest.fold_failed({Errc::no_space, "the disk of the store has no room"});
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

void Node::add_source(drives::Source& source) {
    parts_->sources.push_back(&source);
    parts_->visits.start(source);
}

void Node::mounter_is(bool there) {
    parts_->mounter_watch.mounter_is(there);
}

void Node::reload(const settings::Settings& settings) {
    parts_->context.settings = std::make_shared<const settings::Settings>(settings);
    parts_->store->set_settings(store_settings(settings));
    parts_->events.add(EventText("settings.reloaded"));
    parts_->ingest.settings_changed();
    parts_->evictions.look();
}

void Node::stop(Task stopped) {
    if (std::exchange(parts_->context.stopping, true)) return;
    for (auto* source : parts_->sources) source->stop();
    parts_->timers.stop();
    parts_->visits.stop();
    parts_->uploads.stop();
    parts_->store_upkeep.stop();
    parts_->evictions.stop();
    parts_->write_turn.forget_all();
    parts_->home.when_idle([parts = parts_.get(), stopped = std::move(stopped)]() mutable {
        parts->ingest.stop();
        stopped();
    });
}

void Node::run_due() {
    parts_->timers.run_due();
}

}  // namespace wcmp::node
