// Importing 50 000 new messages beside 50 000 known ones on real files, warm and cold, against the limits of
// the machine (lib/bundle/BUNDLE.md, section 9) and against others that could keep messages: each time a
// visit and what it is compared with, one after the other.
#include "bundle_folder.h"
#include "peer.h"
#include "scratch.h"
#include "storage_limits.h"

namespace wcmp::bench {
namespace {

namespace fs = std::filesystem;

std::size_t half_messages() {
    return scaled(50'000);
}

double new_bytes() {
    return static_cast<double>(half_messages() * usual_message_bytes);
}

// A store that knows half of what the drive holds.
const Scratch& half_known() {
    static const Scratch scratch;
    static const bool made = [] {
        MadeMessages messages(half_messages(), 1);
        messages.commit_into(*folder(scratch / "known"));
        messages.add(MadeMessages(half_messages(), 2));
        messages.commit_into(*folder(scratch / "drive"));
        return true;
    }();
    must_be(made, "no messages");
    return scratch;
}

double visit_s(const fs::path& store_path, const fs::path& drive_path) {
    const auto store_directory = folder(store_path);
    const auto drive_directory = folder(drive_path);
    sync::VisitResult result;
    const double seconds = seconds_of([&] {
        BundleFolder store(*store_directory);
        SeededRandom random(3);
        must(sync::Visit(store, *drive_directory, {}, usual_today, random).run(result, {}));
    });
    if (result.export_error) must(Result<void>(std::unexpected(*result.export_error)));
    must_be(result.imported == half_messages() && result.known == half_messages(), "the visit is wrong");
    return seconds;
}

void import_warm(benchmark::State& state) {
    measured(state, [&] {
        const auto& scratch = half_known();
        copy_folder(scratch / "known", scratch / "store");
        const double hash = hash_s(half_messages() * usual_message_bytes);
        const double write = write_s(scratch / "store", half_messages() * usual_message_bytes);
        const double visit = visit_s(scratch / "store", scratch / "drive");
        state.counters["hash_s"] = hash;
        state.counters["write_s"] = write;
        state.counters["MB_per_s"] = new_bytes() / 1e6 / visit;
        state.counters["share"] = (hash + write) / visit;
        return visit;
    });
}
BENCHMARK(import_warm)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

// The new bytes are read for the limit as one run, though on the drive the known ones lie between them.
void import_cold(benchmark::State& state) {
    measured(state, [&] {
        const auto& scratch = half_known();
        copy_folder(scratch / "known", scratch / "store");
        forget_cached(scratch / "drive");
        const double read = read_s(scratch / "drive", half_messages() * usual_message_bytes);
        const double hash = hash_s(half_messages() * usual_message_bytes);
        const double write = write_s(scratch / "store", half_messages() * usual_message_bytes);
        forget_cached(scratch / "drive");
        forget_cached(scratch / "store");
        const double visit = visit_s(scratch / "store", scratch / "drive");
        state.counters["read_s"] = read;
        state.counters["hash_s"] = hash;
        state.counters["write_s"] = write;
        state.counters["share"] = (read + hash + write) / visit;
        return visit;
    });
}
BENCHMARK(import_cold)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

// The peer imports from the same bundles: every message that it lacks is read, and checked as ours are.
// At most so many; answers how many there were.
std::size_t import_into(Peer& peer, const fs::path& drive_path, std::size_t at_most) {
    const auto directory = folder(drive_path);
    SeededRandom random(1);
    message::Identifier identifier;
    Bytes buffer;
    std::vector<bundle::Entry> entries;
    std::size_t taken = 0;
    for (const auto& reader : must(bundle::scan(*directory, usual_today, 0, random)).bundles) {
        entries.resize(reader->header().messages);
        must(reader->read_entries(0, entries));
        for (const auto& entry : entries) {
            if (taken == at_most) break;
            if (peer.holds(entry.key)) continue;
            peer.put(entry.key, must(reader->read_message(entry, identifier, buffer)).bytes);
            ++taken;
        }
    }
    peer.commit();
    return taken;
}

// `part`: of a peer that is too slow for all, so much is imported, and the rest reckoned.
void import_against(benchmark::State& state, OpenPeer open, const char* name, std::size_t part) {
    measured(state, [&] {
        const auto& scratch = half_known();
        const auto prepared = scratch / name;
        const std::size_t messages = std::max<std::size_t>(1, half_messages() / part);
        if (!fs::exists(prepared)) import_into(*open(prepared), scratch / "known", messages);
        copy_folder(prepared, scratch / "peer");
        std::size_t taken = 0;
        const double theirs = static_cast<double>(part) * seconds_of([&] {
                                  const auto peer = open(scratch / "peer");
                                  taken = import_into(*peer, scratch / "drive", messages);
                              });
        must_be(taken == messages, "the peer has not imported what it should");
        copy_folder(scratch / "known", scratch / "store");
        const double ours = visit_s(scratch / "store", scratch / "drive");
        state.counters["times"] = theirs / ours;
        state.counters["visit_s"] = ours;
        return theirs;
    });
}
#ifdef WCMP_BENCH_SQLITE
BENCHMARK_CAPTURE(import_against, sqlite, open_sqlite, "sqlite", 1)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
#endif
#ifdef WCMP_BENCH_LMDB
BENCHMARK_CAPTURE(import_against, lmdb, open_lmdb, "lmdb", 1)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(import_against, lmdb_at_once, open_lmdb_at_once, "lmdb", 1)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
#endif
BENCHMARK_CAPTURE(import_against, files, open_files, "files", 10)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(import_against, synced_files, open_synced_files, "synced_files", 50)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wcmp::bench
