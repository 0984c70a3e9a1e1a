// A visit on real files, warm: importing 50 000 new messages beside 50 000 known ones, a visit without news,
// and what an export writes. The limits (lib/bundle/BUNDLE.md, section 9) are measured between the same
// visits.
#include "bundle/commit.h"
#include "bundle/directory.h"
#include "core/random.h"
#include "core/writer.h"
#include "crypto/sha256.h"
#include "io/posix.h"
#include "message/layout.h"
#include "sync/visit.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include <benchmark/benchmark.h>
#include <unistd.h>

namespace wcmp::sync {
namespace {

namespace fs = std::filesystem;

constexpr unsigned body_exp = 11;  // 2 KiB
constexpr unsigned slot_exp = 2;
constexpr std::size_t message_bytes = message::message_bytes(body_exp, slot_exp);
constexpr std::uint32_t first_day = 20'010;
constexpr std::uint32_t days = 28;
constexpr message::Today today{.floor = {20'000}};
constexpr std::size_t half_messages = 50'000;

template <class T>
T value_or_exit(Result<T> result) {
    if (!result) {
        std::cerr << describe(result.error()) << '\n';
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Random bytes that pass every check of a relay.
Bytes well_formed(SeededRandom& random) {
    Bytes bytes(message_bytes);
    value_or_exit(random.fill(bytes));
    bytes[0] = message::suite_1;
    const std::uint32_t day = first_day + static_cast<std::uint32_t>(random.next() % days);
    put_number(MutableBytes(bytes).subspan(33), day);
    bytes[37] = body_exp;
    bytes[38] = slot_exp;
    for (std::size_t slot = 0; slot < std::size_t{1} << slot_exp; ++slot) {
        const auto at = message::prefix_bytes(body_exp) + slot * message::slot_bytes;
        bytes[at + 31] &= 0x3f;  // an enc below p
        bytes[at + message::to_tag_at] = static_cast<std::uint8_t>(slot);
    }
    return bytes;
}

// Messages by key, as a source for the commits that prepare a directory.
class Messages final : public bundle::MessageSource {
public:
    Messages(std::size_t count, std::uint64_t seed) {
        SeededRandom random(seed);
        for (std::size_t i = 0; i < count; ++i) {
            Bytes bytes = well_formed(random);
            const MessageKey key{.day = {value_or_exit(message::parse_header(bytes)).expires},
                                 .id = MessageId::from(crypto::sha256(bytes))};
            all_.emplace(key, std::move(bytes));
        }
    }

    Result<bundle::Reader::Message> fetch(std::size_t /*index*/, const bundle::Item& item) override {
        return bundle::Reader::Message{.bytes = all_.at(item.key), .digest = {}};
    }

    // Bundles as a relay would have cut them, or of `per_bundle` messages each.
    void commit_into(io::Directory& directory, std::size_t per_bundle = ~std::size_t{0}) {
        std::vector<bundle::Item> items;
        bundle::Cutter cutter;
        std::vector<bundle::Piece> pieces;
        for (const auto& [key, bytes] : all_) {
            items.push_back({.key = key, .length = static_cast<std::uint32_t>(bytes.size())});
            cutter.add(key, items.back().length, pieces);
            if (items.size() % per_bundle == 0) cutter.finish(pieces);
        }
        cutter.finish(pieces);
        std::size_t first = 0;
        for (const auto& piece : pieces) {
            const auto part = std::span(items).subspan(first, piece.messages);
            value_or_exit(bundle::commit(directory, part, *this, {}));
            first += piece.messages;
        }
    }

    void add(const Messages& more) { all_.insert(more.all_.begin(), more.all_.end()); }

private:
    std::map<MessageKey, Bytes> all_;
};

// The store's side: a directory of bundles with mapped indexes.
class BundleFolder final : public Local {
public:
    explicit BundleFolder(io::Directory& directory) : directory_(directory) { scan(); }

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override { return bundles_; }
    io::Directory* directory() override { return &directory_; }
    StoreRoom room() override { return {}; }
    Result<void> publish(std::span<const bundle::Name> /*added*/, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> /*arrived*/) override {
        for (const auto& name : covered) WCMP_TRY(directory_.unlink(bundle::to_string(name)));
        scan();
        return {};
    }

private:
    void scan() {
        SeededRandom random(1);
        bundles_ =
            value_or_exit(bundle::scan(directory_, today, 0, random, bundle::IndexAccess::mapped)).bundles;
    }

    io::Directory& directory_;
    std::vector<std::shared_ptr<const bundle::Reader>> bundles_;
};

// Folders that are gone when the process ends.
class Scratch {
public:
    Scratch() {
        std::string pattern = (fs::temp_directory_path() / "wcmp-bench-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path operator/(const char* name) const { return path_ / name; }

private:
    fs::path path_;
};

std::unique_ptr<io::Directory> folder(const fs::path& path) {
    return value_or_exit(io::open_or_make_directory(path));
}

void copy_folder(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    fs::copy(from, to);
    ::sync();
}

// A store that knows half of what the drive holds.
struct Fixture {
    Scratch scratch;

    Fixture() {
        Messages known(half_messages, 1);
        known.commit_into(*folder(scratch / "known"));
        known.add(Messages(half_messages, 2));
        known.commit_into(*folder(scratch / "drive"));
    }

    static const Fixture& get() {
        static const Fixture fixture;
        return fixture;
    }
};

VisitResult visit(const fs::path& store_path, const fs::path& drive_path) {
    const auto store_directory = folder(store_path);
    const auto drive_directory = folder(drive_path);
    BundleFolder store(*store_directory);
    SeededRandom random(3);
    VisitResult result;
    value_or_exit(Visit(store, *drive_directory, {}, today, random).run(result, {}));
    if (result.export_error) value_or_exit(Result<void>(std::unexpected(*result.export_error)));
    return result;
}

// SHA-256 of the bytes, then writing and syncing them: what an import cannot be faster than, one after the
// other.
struct Limit {
    double hash_s = 0;
    double write_s = 0;
};
Limit measure_limit(const fs::path& path, std::size_t bytes) {
    constexpr std::size_t step = std::size_t{1} << 20;
    static const Bytes block(step, 0x5a);
    Limit limit;
    limit.hash_s = seconds_of([&] {
        crypto::Sha256 hash;
        for (std::size_t done = 0; done < bytes; done += step)
            hash.update(ByteView(block).first(std::min(step, bytes - done)));
        benchmark::DoNotOptimize(hash.finish());
    });
    const auto directory = folder(path);
    limit.write_s = seconds_of([&] {
        const auto file = value_or_exit(directory->create("limit"));
        for (std::size_t done = 0; done < bytes; done += step)
            value_or_exit(file->write_at(done, ByteView(block).first(std::min(step, bytes - done))));
        value_or_exit(file->sync());
    });
    value_or_exit(directory->unlink("limit"));
    return limit;
}

void import_half(benchmark::State& state) {
    const auto& scratch = Fixture::get().scratch;
    VisitResult result;
    Limit limit;
    double visit_s = 0;
    for (auto _ : state) {
        copy_folder(scratch / "known", scratch / "store");
        limit = measure_limit(scratch / "store", half_messages * message_bytes);
        visit_s = seconds_of([&] { result = visit(scratch / "store", scratch / "drive"); });
        state.SetIterationTime(visit_s);
    }
    if (result.imported != half_messages || result.known != half_messages)
        state.SkipWithError("the visit is wrong");
    const auto imported_bytes = static_cast<double>(result.imported_bytes);
    state.counters["hash_s"] = limit.hash_s;
    state.counters["write_s"] = limit.write_s;
    state.counters["ratio"] = (limit.hash_s + limit.write_s) / visit_s;
    state.counters["written_per_new"] = static_cast<double>(result.bytes_written_store) / imported_bytes;
    state.counters["drive_written"] = static_cast<double>(result.bytes_written_drive);
}
BENCHMARK(import_half)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

// Both indexes read and hashed as often as a join must, then 256 messages at random places.
double unchanged_limit(const fs::path& drive_path) {
    const auto directory = folder(drive_path);
    SeededRandom random(4);
    const auto readers = value_or_exit(bundle::scan(*directory, today, 0, random)).bundles;
    return seconds_of([&] {
        Bytes buffer;
        for (int side = 0; side < 2; ++side)
            for (const auto& reader : readers) {
                const auto& header = reader->header();
                buffer.resize(header.messages * limits::bundle_entry_bytes);
                value_or_exit(io::read_exactly(reader->file(), header.index_offset(), buffer));
                benchmark::DoNotOptimize(crypto::sha256(buffer));
            }
        buffer.resize(message_bytes);
        for (std::size_t i = 0; i < limits::claims_checked_per_visit_max; ++i) {
            const auto& reader = *readers[random.next() % readers.size()];
            const auto at = random.next() % (reader.header().file_bytes - message_bytes);
            value_or_exit(io::read_exactly(reader.file(), at, buffer));
            benchmark::DoNotOptimize(crypto::sha256(buffer));
        }
    });
}

void unchanged(benchmark::State& state) {
    const auto& scratch = Fixture::get().scratch;
    VisitResult result;
    double limit_s = 0;
    double visit_s = 0;
    for (auto _ : state) {
        limit_s = unchanged_limit(scratch / "drive");
        visit_s = seconds_of([&] { result = visit(scratch / "drive", scratch / "drive"); });
        state.SetIterationTime(visit_s);
    }
    if (result.known != 2 * half_messages) state.SkipWithError("the visit is wrong");
    state.counters["limit_s"] = limit_s;
    state.counters["time_per_limit"] = visit_s / limit_s;
    state.counters["written"] = static_cast<double>(result.bytes_written_store + result.bytes_written_drive);
}
BENCHMARK(unchanged)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

// So many new messages go to a drive of 40 small bundles.
void export_to_small_bundles(benchmark::State& state) {
    const Scratch scratch;
    Messages(4000, 5).commit_into(*folder(scratch / "old"), 100);
    Messages(static_cast<std::size_t>(state.range(0)), 6).commit_into(*folder(scratch / "store"));
    VisitResult result;
    for (auto _ : state) {
        copy_folder(scratch / "old", scratch / "drive");
        copy_folder(scratch / "store", scratch / "here");
        state.SetIterationTime(seconds_of([&] { result = visit(scratch / "here", scratch / "drive"); }));
    }
    if (result.exported != static_cast<std::uint64_t>(state.range(0)))
        state.SkipWithError("the visit is wrong");
    state.counters["new_bytes"] = static_cast<double>(result.exported_bytes);
    state.counters["written"] = static_cast<double>(result.bytes_written_drive);
    state.counters["written_per_new"] =
        static_cast<double>(result.bytes_written_drive) / static_cast<double>(result.exported_bytes);
}
BENCHMARK(export_to_small_bundles)
    ->Arg(4)   // below 32 KiB: 320 KiB in all
    ->Arg(20)  // 9 and less from here on
    ->Arg(400)
    ->Arg(3000)
    ->Arg(4000)  // above 8 MiB: 1.08
    ->Arg(20'000)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wcmp::sync
