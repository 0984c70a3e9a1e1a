// Two months of visits to a drive of 1 GB that is full of long-lived messages: 100 new ones each time, which
// expire weekly, the tidying after each visit, and the upkeep of the relay's store, which begins with the
// same messages. The days are virtual, the files and the store real; bytes are counted, so it is the same on
// every machine.
#include "counting_directory.h"
#include "io/system_clock.h"
#include "made_messages.h"
#include "message/seal.h"
#include "node/local_store.h"
#include "node/write_turn.h"
#include "row.h"
#include "scratch.h"
#include "sync/drive_room.h"
#include "sync/drive_upkeep.h"
#include "sync/upkeep.h"

#include <algorithm>

namespace wcmp::bench {
namespace {

constexpr std::uint32_t first_day = 20'006;  // of 60, and the last of a week: 20 006 = 7 * 2858
constexpr std::uint32_t days = 60;
constexpr std::uint32_t weeks_on_drive = 26;
constexpr std::size_t new_messages_per_visit = 100;
constexpr double drive_bytes_per_s = 20e6;

message::Today on_day(std::uint32_t day) {
    return {.floor = {day}, .trusted = Day{day}};
}

struct Amount {
    std::uint64_t new_bytes = 0;
    std::uint64_t by_visits = 0;
    std::uint64_t by_tidying = 0;
    std::uint64_t in_store = 0;  // by folds and upkeep
    std::uint64_t longest_merge = 0;
};

// The store as its upkeep sees it, while nobody else writes.
class QuietStore final : public sync::UpkeepSide {
public:
    explicit QuietStore(store::Store& store) : store_(store) {}

    Result<sync::Readers> bundles(const std::stop_token&) override { return store_.snapshot()->bundles; }
    io::Directory& directory() override { return store_.directory(); }
    std::uint64_t room_bytes() override { return sync::free_for_commit(store_.directory(), 0); }
    Result<void> publish(std::span<const bundle::Name> added,
                         std::span<const bundle::Name> removed) override {
        return store_.publish(added, removed);
    }
    Result<void> found_wrong(std::span<const bundle::Name>, const std::stop_token&) override {
        return fail(Errc::bundle, "a bundle of the benchmark is wrong");
    }

private:
    store::Store& store_;
};

// A relay and a drive that begin with the same messages.
class Months {
public:
    Months()
        : drive_directory_(filled(scratch_ / "drive")),
          drive_(*drive_directory_),
          turn_([] {}),
          store_directory_(filled_like_drive()),
          store_(opened()) {}

    // Messages come in, the drive is visited, and tidied when that is due.
    void visit(std::uint32_t day, Amount& amount) {
        const auto today = on_day(day);
        enqueue(today, amount);
        drive_.start_anew();
        node::LocalStore local(*store_, turn_, [](const auto&) {});
        sync::VisitSettings settings;
        sync::VisitResult result;
        must(sync::Visit(local, drive_, settings, today, random_).run(result, {}));
        must_be(!result.export_error && result.exported == new_messages_per_visit, "the visit is wrong");
        amount.by_visits += drive_.written().bytes;
        if (result.upkeep_due) tidy(settings, today, amount);
    }

    // As the relay does it every ten minutes, and what is large once a day.
    void keep_store(std::uint32_t day, Amount& amount) {
        store_written_->start_anew();
        QuietStore side(*store_);
        sync::UpkeepResult result;
        must(sync::Upkeep(side, {.store = true, .spare_large = day == last_large_}, on_day(day), random_)
                 .run(result, {}));
        must_be(!result.error, "the upkeep has left something");
        if (result.bytes_written > limits::absorb_bundle_bytes_max) last_large_ = day;
        amount.in_store += store_written_->written().bytes;
    }

private:
    static std::unique_ptr<io::Directory> filled(const std::filesystem::path& path) {
        auto directory = folder(path);
        fill(*directory, {.messages = scaled(400'000),
                          .first_day = first_day + 7,
                          .days = weeks_on_drive - 1,
                          .day_step = 7});
        return directory;
    }
    std::unique_ptr<io::Directory> filled_like_drive() {
        copy_folder(scratch_ / "drive", scratch_ / "store");
        return folder(scratch_ / "store");
    }
    std::unique_ptr<store::Store> opened() {
        auto counting = std::make_unique<CountingDirectory>(*store_directory_);
        store_written_ = counting.get();
        store::OpenReport report;
        return must(store::Store::open(std::move(counting), {.store_keep_free_bytes = 0}, on_day(first_day),
                                       {clock_, system_random_}, report));
    }

    void enqueue(const message::Today& today, Amount& amount) {
        const auto expires = message::default_expiry(today.floor, usual_days);
        std::vector<Bytes> messages;
        for (std::size_t i = 0; i < new_messages_per_visit; ++i)
            messages.push_back(made_message(random_, expires));
        const std::span<const Bytes> all(messages);
        for (std::size_t at = 0; at < all.size(); at += limits::journal_group_max)
            for (const auto& result : store_->enqueue(
                     all.subspan(at, std::min(limits::journal_group_max, all.size() - at)), today))
                must_be(result.has_value(), "a message was not taken");
        store_written_->start_anew();
        must(store_->fold(today));
        amount.in_store += store_written_->written().bytes;
        amount.new_bytes += new_messages_per_visit * usual_message_bytes;
    }

    void tidy(const sync::VisitSettings& settings, const message::Today& today, Amount& amount) {
        drive_.start_anew();
        sync::UpkeepResult result;
        must(sync::tidy_drive(drive_, settings, today, random_, {}, result, {}));
        must_be(!result.error, "tidying has left something");
        amount.by_tidying += drive_.written().bytes;
        amount.longest_merge = std::max(amount.longest_merge, drive_.written().longest_file_bytes);
    }

    Scratch scratch_;
    io::SystemClock clock_;
    io::SystemRandom system_random_;
    SeededRandom random_{9};
    std::unique_ptr<io::Directory> drive_directory_;
    CountingDirectory drive_;
    node::WriteTurn turn_;
    std::unique_ptr<io::Directory> store_directory_;
    CountingDirectory* store_written_ = nullptr;  // the store's
    std::unique_ptr<store::Store> store_;
    std::uint32_t last_large_ = 0;  // the day when upkeep wrote a large bundle
};

void two_months(benchmark::State& state) {
    measured(state, [&] {
        Months months;
        Amount amount;
        const double seconds = seconds_of([&] {
            for (std::uint32_t day = first_day; day < first_day + days; ++day) {
                for (std::int64_t i = 0; i < state.range(0); ++i) {
                    months.visit(day, amount);
                    months.keep_store(day, amount);
                }
            }
        });
        const auto written = static_cast<double>(amount.by_visits + amount.by_tidying);
        const auto new_bytes = static_cast<double>(amount.new_bytes);
        state.counters["per_new"] = written / new_bytes;
        state.counters["store_per_new"] = static_cast<double>(amount.in_store) / new_bytes;
        state.counters["visits_per_new"] = static_cast<double>(amount.by_visits) / new_bytes;
        state.counters["merge_s"] = static_cast<double>(amount.longest_merge) / drive_bytes_per_s;
        return seconds;
    });
}
BENCHMARK(two_months)
    ->ArgName("visits_a_day")
    ->Arg(1)
    ->Arg(10)
    ->UseManualTime()
    ->Iterations(1)
    ->Repetitions(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace wcmp::bench
