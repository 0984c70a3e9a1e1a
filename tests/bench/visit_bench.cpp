// What is written before a visit is `done`, on either side and in the fold at its start, in bytes for each
// new byte and in files: counted, so it is the same on every machine (lib/bundle/BUNDLE.md, section 9).
#include "bundle_folder.h"
#include "counting_directory.h"
#include "io/system_clock.h"
#include "scratch.h"
#include "store/store.h"

namespace wcmp::bench {
namespace {

constexpr std::uint64_t bytes_per_commit = std::uint64_t{32} << 20;

enum class Side : std::uint8_t { store, drive };

Written exchange(const Scratch& scratch, Side side) {
    const auto store_directory = folder(scratch / "here");
    const auto drive_directory = folder(scratch / "drive");
    CountingDirectory store(*store_directory);
    CountingDirectory drive(*drive_directory);
    BundleFolder local(store);
    SeededRandom random(3);
    sync::VisitResult result;
    must(sync::Visit(local, drive, {}, usual_today, random).run(result, {}));
    must_be(!result.export_error, "the drive was not written");
    must_be(store.written().bytes == result.bytes_written_store, "the visit has miscounted the store");
    must_be(drive.written().bytes == result.bytes_written_drive, "the visit has miscounted the drive");
    return side == Side::store ? store.written() : drive.written();
}

void tell(benchmark::State& state, const Written& found) {
    const auto bytes = static_cast<std::size_t>(state.range(0)) * usual_message_bytes;
    const auto commits = 1 + (bytes + bytes_per_commit - 1) / bytes_per_commit;
    state.counters["new_bytes"] = static_cast<double>(bytes);
    state.counters["bytes"] = static_cast<double>(found.bytes);
    state.counters["per_new"] = static_cast<double>(found.bytes) / static_cast<double>(bytes);
    state.counters["commits_of_allowed"] = static_cast<double>(found.files) / static_cast<double>(commits);
}

MadeMessages in_small_bundles() {
    return {4000, 5};
}
constexpr std::size_t small_bundle_messages = 100;

// So many new messages come to a side that has 40 small bundles, from one that has nothing else.
void written(benchmark::State& state, Side side) {
    measured(state, [&] {
        const Scratch scratch;
        const bool to_drive = side == Side::drive;
        in_small_bundles().commit_into(*folder(scratch / (to_drive ? "drive" : "here")),
                                       small_bundle_messages);
        MadeMessages(static_cast<std::size_t>(state.range(0)), 6)
            .commit_into(*folder(scratch / (to_drive ? "here" : "drive")));
        Written found;
        const double seconds = seconds_of([&] { found = exchange(scratch, side); });
        tell(state, found);
        return seconds;
    });
}
void counted(benchmark::internal::Benchmark* one) {
    one->UseManualTime()->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);
}
void journal_sizes(benchmark::internal::Benchmark* one) {
    for (const int count : {1, 4, 12}) one->Arg(count);     // below 32 KiB
    for (const int count : {13, 20, 400}) one->Arg(count);  // to the size at which it is folded
    counted(one);
}
void sizes(benchmark::internal::Benchmark* one) {
    one->Arg(3000);
    for (const int count : {3300, 4000, 20'000}) one->Arg(count);  // from 8 MiB up
    journal_sizes(one);
}
BENCHMARK_CAPTURE(written, store, Side::store)->Apply(sizes);
BENCHMARK_CAPTURE(written, drive, Side::drive)->Apply(sizes);

// The journal's own writes do not count: its files are there already, and only new ones are counted.
Written fold_of(const Scratch& scratch, std::size_t count) {
    const io::SystemClock clock;
    io::SystemRandom random;
    const auto directory = folder(scratch / "here");
    const store::StoreSettings settings{.store_keep_free_bytes = 0};
    store::OpenReport report;
    must(store::Store::open(folder(scratch / "here"), settings, usual_today, {clock, random}, report));
    auto counting = std::make_unique<CountingDirectory>(*directory);
    auto& seen = *counting;
    const auto store =
        must(store::Store::open(std::move(counting), settings, usual_today, {clock, random}, report));
    const MadeMessages messages(count, 6);
    for (const auto& [key, bytes] : messages.all())
        must_be(store->enqueue({&bytes, 1}, usual_today).front().has_value(), "a message was not taken");
    seen.start_anew();
    must_be(must(store->fold(usual_today)).size() == count, "the fold is wrong");
    return seen.written();
}

// So many messages of clients come into a store that has 40 small bundles.
void folded(benchmark::State& state) {
    measured(state, [&] {
        const Scratch scratch;
        in_small_bundles().commit_into(*folder(scratch / "here"), small_bundle_messages);
        Written found;
        const double seconds =
            seconds_of([&] { found = fold_of(scratch, static_cast<std::size_t>(state.range(0))); });
        tell(state, found);
        return seconds;
    });
}
BENCHMARK(folded)->Apply(journal_sizes);

// What a bundle adds to its messages.
void bytes_on_drive(benchmark::State& state) {
    measured(state, [&] {
        const Scratch scratch;
        constexpr std::size_t count = 20'000;
        const double seconds =
            seconds_of([&] { MadeMessages(count, 7).commit_into(*folder(scratch / "drive")); });
        state.counters["per_message_byte"] = static_cast<double>(bytes_of(scratch / "drive")) /
                                             static_cast<double>(count * usual_message_bytes);
        return seconds;
    });
}
BENCHMARK(bytes_on_drive)->Apply(counted);

}  // namespace
}  // namespace wcmp::bench
