// A million messages on both sides: a visit that finds nothing new, and the lookup of one message.
#include "bundle/entry_codec.h"
#include "bundle_folder.h"
#include "counting_directory.h"
#include "crypto/sha256.h"
#include "scratch.h"

#include <algorithm>

#ifdef WCMP_BENCH_LMDB
#include "lmdb.h"
#endif

namespace wcmp::bench {
namespace {

using Readers = std::vector<std::shared_ptr<const bundle::Reader>>;

std::size_t messages() {
    return scaled(1'000'000);
}

const Scratch& million() {
    static const Scratch scratch;
    static const bool made = [] {
        fill(*folder(scratch / "drive"), {.messages = messages()});
        return true;
    }();
    must_be(made, "no messages");
    return scratch;
}

Readers open_all(io::Directory& directory, bundle::IndexAccess access) {
    SeededRandom random(1);
    return must(bundle::scan(directory, usual_today, 0, random, access)).bundles;
}

// The indexes of both sides read and hashed once, then 256 messages at random places.
double unchanged_limit_s(io::Directory& directory, SeededRandom& random) {
    const auto readers = open_all(directory, bundle::IndexAccess::read);
    return seconds_of([&] {
        Bytes buffer;
        for (int side = 0; side < 2; ++side)
            for (const auto& reader : readers) {
                const auto& header = reader->header();
                buffer.resize(header.messages * limits::bundle_entry_bytes);
                must(io::read_exactly(reader->file(), header.index_offset(), buffer));
                benchmark::DoNotOptimize(crypto::sha256(buffer));
            }
        buffer.resize(usual_message_bytes);
        for (std::size_t i = 0; i < limits::claims_checked_per_visit_max; ++i) {
            const auto& reader = *readers[random.next() % readers.size()];
            const auto at = random.next() % (reader.header().file_bytes - usual_message_bytes);
            must(io::read_exactly(reader.file(), at, buffer));
            benchmark::DoNotOptimize(crypto::sha256(buffer));
        }
    });
}

// The same messages as those of the store, in other files: none of them is on both sides.
const char* cut_otherwise() {
    static const bool made = [] {
        fill(*folder(million() / "cut_otherwise"), {.messages = messages(), .bundle_messages = 11'000});
        return true;
    }();
    must_be(made, "no messages");
    return "cut_otherwise";
}

void unchanged_visit(benchmark::State& state, const char* (*drive_name)()) {
    measured(state, [&] {
        const auto store_directory = folder(million() / "drive");
        const auto drive_directory = folder(million() / drive_name());
        CountingDirectory store(*store_directory);
        CountingDirectory drive(*drive_directory);
        SeededRandom random(4);
        const double limit = unchanged_limit_s(*drive_directory, random);
        sync::VisitResult result;
        const double visit = seconds_of([&] {
            BundleFolder local(store);
            must(sync::Visit(local, drive, {}, usual_today, random).run(result, {}));
        });
        must_be(result.known == messages(), "the visit is wrong");
        state.counters["limit_s"] = limit;
        state.counters["times_limit"] = visit / limit;
        state.counters["written"] = static_cast<double>(store.written().bytes + drive.written().bytes);
        return visit;
    });
}
const char* as_the_store() {
    return "drive";
}
BENCHMARK_CAPTURE(unchanged_visit, same_files, as_the_store)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(unchanged_visit, cut_otherwise, cut_otherwise)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

#ifdef WCMP_BENCH_LMDB

// Keys that are there, in random order.
std::vector<MessageKey> some_keys(const Readers& readers, std::size_t count) {
    SeededRandom random(5);
    std::vector<MessageKey> keys(count);
    std::vector<bundle::Entry> entry(1);
    for (auto& key : keys) {
        const auto& reader = *readers[random.next() % readers.size()];
        must(
            reader.read_entries(static_cast<std::uint32_t>(random.next() % reader.header().messages), entry));
        key = entry[0].key;
    }
    return keys;
}

// Where each message is, by (day, id): bundle, offset and length.
void make_lmdb(const Lmdb& lmdb, const Readers& readers) {
    LmdbTransaction transaction(lmdb, 0);
    std::vector<bundle::Entry> entries;
    for (std::uint32_t number = 0; number < readers.size(); ++number) {
        entries.resize(readers[number]->header().messages);
        must(readers[number]->read_entries(0, entries));
        for (const auto& entry : entries) {
            std::array<std::uint8_t, 12> place{};
            put_number(MutableBytes(place), number);
            put_number(MutableBytes(place).subspan(4), entry.offset);
            put_number(MutableBytes(place).subspan(8), entry.length);
            transaction.put(entry.key, place);
        }
    }
    transaction.commit();
}

bool is_in_one(const Readers& readers, const MessageKey& key) {
    return std::ranges::any_of(readers, [&](const auto& reader) { return reader->find(key).has_value(); });
}

// Both, with what they look in.
class Lookups {
public:
    Lookups()
        : directory_(folder(million() / "drive")),
          readers_(open_all(*directory_, bundle::IndexAccess::mapped)),
          keys_(some_keys(readers_, scaled(200'000))),
          lmdb_(million() / "lmdb") {
        make_lmdb(lmdb_, readers_);
    }

    double ours_ns() {
        return each_ns([&](const MessageKey& key) { return is_in_one(readers_, key); });
    }
    double lmdbs_ns() {
        LmdbTransaction transaction(lmdb_, MDB_RDONLY);
        MDB_val place{};
        return each_ns([&](const MessageKey& key) { return transaction.find(key, place); });
    }
    // One entry after another, each at a place that the one before tells: what a look at a place that is in
    // no cache costs, at the least.
    double miss_ns() {
        std::uint64_t next = 0;
        const double seconds = seconds_of([&] {
            for (std::size_t i = 0; i < keys_.size(); ++i) {
                const auto& reader = *readers_[next % readers_.size()];
                const auto position = static_cast<std::uint32_t>((next >> 16) % reader.header().messages);
                next = bundle::id_prefix(must(reader.read_index(position, 1, {})).data()) ^ i;
            }
            benchmark::DoNotOptimize(next);
        });
        return seconds / static_cast<double>(keys_.size()) * 1e9;
    }

private:
    template <class Find>
    double each_ns(Find find) {
        std::ptrdiff_t found = 0;
        const double seconds = seconds_of([&] { found = std::ranges::count_if(keys_, find); });
        must_be(found == std::ssize(keys_), "a message was not found");
        return seconds / static_cast<double>(keys_.size()) * 1e9;
    }

    std::unique_ptr<io::Directory> directory_;
    Readers readers_;
    std::vector<MessageKey> keys_;
    Lmdb lmdb_;
};

void lookup(benchmark::State& state) {
    measured(state, [&] {
        static Lookups lookups;
        lookups.ours_ns();  // from now on everything that they touch is mapped
        lookups.lmdbs_ns();
        const double ours = lookups.ours_ns();
        const double theirs = lookups.lmdbs_ns();
        state.counters["ns"] = ours;
        state.counters["lmdb_ns"] = theirs;
        const double miss = lookups.miss_ns();
        state.counters["miss_ns"] = miss;
        state.counters["times_miss"] = ours / miss;
        state.counters["times"] = theirs / ours;
        return ours / 1e9;
    });
}
BENCHMARK(lookup)->UseManualTime()->Iterations(1)->Unit(benchmark::kNanosecond);

#endif

}  // namespace
}  // namespace wcmp::bench
