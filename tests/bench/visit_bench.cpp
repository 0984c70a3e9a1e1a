// What is written before a visit is `done`, on either side, in bytes for each new byte and in files: counted,
// so it is the same on every machine (lib/bundle/BUNDLE.md, section 9).
#include "bundle_folder.h"
#include "counting_directory.h"
#include "scratch.h"

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

// So many new messages come to a side that has 40 small bundles, from one that has nothing else.
void written(benchmark::State& state, Side side) {
    measured(state, [&] {
        const Scratch scratch;
        const auto count = static_cast<std::size_t>(state.range(0));
        const bool to_drive = side == Side::drive;
        MadeMessages(4000, 5).commit_into(*folder(scratch / (to_drive ? "drive" : "here")), 100);
        MadeMessages(count, 6).commit_into(*folder(scratch / (to_drive ? "here" : "drive")));
        Written found;
        const double seconds = seconds_of([&] { found = exchange(scratch, side); });
        const auto new_bytes = static_cast<double>(count * usual_message_bytes);
        const auto commits = 1 + (count * usual_message_bytes + bytes_per_commit - 1) / bytes_per_commit;
        state.counters["new_bytes"] = new_bytes;
        state.counters["bytes"] = static_cast<double>(found.bytes);
        state.counters["per_new"] = static_cast<double>(found.bytes) / new_bytes;
        state.counters["commits_of_allowed"] =
            static_cast<double>(found.files) / static_cast<double>(commits);
        return seconds;
    });
}
void sizes(benchmark::internal::Benchmark* one) {
    for (const int count : {1, 4, 12}) one->Arg(count);  // below 32 KiB
    for (const int count : {13, 20, 400, 3000}) one->Arg(count);
    for (const int count : {3300, 4000, 20'000}) one->Arg(count);  // from 8 MiB up
    one->UseManualTime()->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(written, store, Side::store)->Apply(sizes);
BENCHMARK_CAPTURE(written, drive, Side::drive)->Apply(sizes);

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
BENCHMARK(bytes_on_drive)->UseManualTime()->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wcmp::bench
