#include "node/store_upkeep.h"

#include "log/log.h"
#include "sync/drive_room.h"

namespace wcmp::node {

namespace {

// The store as its upkeep sees it; used on the upkeep's worker.
class StoreSide final : public sync::UpkeepSide {
public:
    StoreSide(store::Store& store, WriteTurn& turn, const std::atomic<bool>& gives_way)
        : store_(store), turn_(turn), gives_way_(gives_way) {}

    Result<sync::Readers> bundles(const std::stop_token&) override { return store_.snapshot()->bundles; }
    io::Directory& directory() override { return store_.directory(); }
    std::uint64_t room_bytes() override { return sync::free_for_commit(store_.directory(), 0); }
    Result<void> publish(std::span<const bundle::Name> added,
                         std::span<const bundle::Name> removed) override {
        return store_.publish(added, removed);
    }
    Result<void> found_wrong(std::span<const bundle::Name> names, const std::stop_token&) override {
        wrong_.insert(wrong_.end(), names.begin(), names.end());
        return {};
    }
    // Never for longer than one file takes.
    Result<void> begin_step(const std::stop_token& stop) override {
        if (gives_way_) return fail(Errc::cancelled, "the upkeep of the store gives way to a visit");
        if (store_.failing()) return fail(Errc::store_failing, "the store takes no more");
        return turn_.take_briefly(stop);
    }
    void end_step() override { turn_.give_back(); }

    std::vector<bundle::Name> take_wrong() { return std::move(wrong_); }

private:
    store::Store& store_;
    WriteTurn& turn_;
    const std::atomic<bool>& gives_way_;
    std::vector<bundle::Name> wrong_;
};

}  // namespace

StoreUpkeep::StoreUpkeep(Context& context, View& view, Repairs& repairs)
    : context_(context), view_(view), repairs_(repairs), next_look_(context.timers.add([this] { look(); })) {
    context_.timers.in(next_look_, look_every);
}

void StoreUpkeep::look() {
    if (context_.store.failing() || context_.stopping) return;
    if (*gives_way_) return context_.timers.in(next_look_, look_again);
    const bool spare_large = context_.clock.boot_time() < large_from_;
    auto work = [this, spare_large, today = context_.keeper.today(), stop = stop_.get_token(),
                 way = gives_way_] {
        StoreSide side(context_.store, context_.write_turn, *way);
        const sync::UpkeepSettings settings{
            .store = true, .spare_large = spare_large, .distrust = &distrust_, .unreadable = &unreadable_};
        sync::Upkeep upkeep(side, settings, today, context_.random);
        Report report;
        report.done = upkeep.run(report.result, stop);
        report.wrong = side.take_wrong();
        return report;
    };
    context_.home.run(worker_, std::move(work), [this](const Report& report) { finished(report); });
}

void StoreUpkeep::finished(const Report& report) {
    const bool gave_way = !report.done && report.done.error().code == Errc::cancelled;
    context_.timers.in(next_look_, gave_way ? std::chrono::seconds(look_again) : look_every);
    context_.store_worked();
    if (report.result.bytes_written > limits::absorb_bundle_bytes_max)
        large_from_ = context_.clock.boot_time() + between_large;
    if (report.result.did_something()) view_.refresh();
    repairs_.want(report.wrong);
    if (!gave_way) tell(report);
}

void StoreUpkeep::tell(const Report& report) {
    if (!report.result.found_invalid.empty()) {
        context_.warnings.set("store_damaged", true);
        log::warning("a message in the store is not what it was; look at its disk");
    }
    const auto error = report.done ? report.result.error : report.done.error();
    const auto code = error ? std::optional(error->code) : std::nullopt;
    if (std::exchange(failure_, code) != code && error)
        log::warning("the store's bundles could not all be put in order: " + describe(*error));
}

}  // namespace wcmp::node
