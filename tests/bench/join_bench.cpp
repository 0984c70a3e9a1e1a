// The join of two indexes of 500 000 messages each, half of them common, from a warm cache: against reading
// the same bytes, and against reading and hashing them, in the same run. And the lookup of one message.
#include "bundle/join.h"
#include "core/random.h"
#include "core/writer.h"
#include "crypto/sha256.h"
#include "io/posix.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <benchmark/benchmark.h>

namespace wcmp::bundle {
namespace {

constexpr std::size_t entries_per_bundle = 500'000;
constexpr std::uint32_t days = 26;
constexpr std::uint32_t message_bytes = 39;
constexpr std::size_t buffer_bytes = 2 * limits::drive_read_bytes;

std::vector<MessageKey> random_keys(SeededRandom& random, std::size_t count) {
    std::vector<MessageKey> keys(count);
    for (auto& key : keys) {
        key.day.number = 20000 + 7 * static_cast<std::uint32_t>(random.next() % days);
        benchmark::DoNotOptimize(random.fill(key.id.bytes));
    }
    return keys;
}

// Table and index of a bundle over messages of zeros.
Bytes table_and_index(const std::vector<MessageKey>& keys) {
    Bytes bytes;
    Writer writer(bytes);
    for (auto at = keys.begin(); at != keys.end();) {
        const auto end = std::ranges::upper_bound(at, keys.end(), at->day, {}, &MessageKey::day);
        writer.u32(at->day.number);
        writer.u32(static_cast<std::uint32_t>(end - at));
        at = end;
    }
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
        writer.bytes(keys[i].id.bytes);
        writer.u32(i * message_bytes);
        writer.u32(message_bytes);
    }
    return bytes;
}

void write_bundle(const std::filesystem::path& path, std::vector<MessageKey> keys) {
    std::ranges::sort(keys);
    const Bytes index = table_and_index(keys);
    Header header;
    header.messages = static_cast<std::uint32_t>(keys.size());
    header.days = static_cast<std::uint32_t>((index.size() - keys.size() * limits::bundle_entry_bytes) /
                                             limits::bundle_day_bytes);
    header.messages_offset = file_bytes(header.days, header.messages, 0);
    header.file_bytes = header.messages_offset + keys.size() * message_bytes;
    header.index_hash.bytes = crypto::sha256(index);
    const auto start = encode_header(header);
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(start.data()), start.size());
    file.write(reinterpret_cast<const char*>(index.data()), static_cast<std::streamsize>(index.size()));
    file.close();
    std::filesystem::resize_file(path, header.file_bytes);  // the messages: a hole
}

// Two files in a directory of their own, gone when the process ends.
struct Fixture {
    std::filesystem::path path;
    std::vector<MessageKey> keys;

    Fixture() {
        std::string pattern = (std::filesystem::temp_directory_path() / "wcmp-bench-XXXXXX").string();
        path = mkdtemp(pattern.data());
        SeededRandom random(1);
        keys = random_keys(random, entries_per_bundle);
        write_bundle(path / "a", keys);
        auto others = random_keys(random, entries_per_bundle);
        std::copy_n(keys.begin(), entries_per_bundle / 2, others.begin());
        write_bundle(path / "b", others);
    }
    ~Fixture() { std::filesystem::remove_all(path); }

    static const Fixture& get() {
        static const Fixture fixture;
        return fixture;
    }

    std::shared_ptr<Reader> open(const char* name, bool mapped) const {
        const auto directory = io::open_directory(path).value();
        auto reader = Reader::open(directory->open(name).value(), std::nullopt).value();
        if (mapped) reader->map_index().value();
        return reader;
    }
};

void count_entries(benchmark::State& state) {
    const auto entries = static_cast<std::int64_t>(2 * entries_per_bundle);
    state.SetItemsProcessed(state.iterations() * entries);
    state.SetBytesProcessed(state.iterations() * entries *
                            static_cast<std::int64_t>(limits::bundle_entry_bytes));
}

void join(benchmark::State& state, bool mapped) {
    const auto& fixture = Fixture::get();
    const std::vector<std::shared_ptr<const Reader>> readers{fixture.open("a", mapped),
                                                             fixture.open("b", mapped)};
    for (auto _ : state) {
        Join join(readers, buffer_bytes);
        std::size_t groups = 0;
        while (!join.next().value().empty()) ++groups;
        if (groups != entries_per_bundle * 3 / 2 || !join.bad_sources().empty())
            state.SkipWithError("the join is wrong");
    }
    count_entries(state);
}
BENCHMARK_CAPTURE(join, mapped, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(join, read, false)->Unit(benchmark::kMillisecond);

// One index alone, verified.
void stream(benchmark::State& state, bool mapped) {
    const std::shared_ptr<const Reader> reader = Fixture::get().open("a", mapped);
    for (auto _ : state) {
        IndexStream index(reader, buffer_bytes);
        while (index.next().value()) {
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entries_per_bundle));
}
BENCHMARK_CAPTURE(stream, mapped, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(stream, read, false)->Unit(benchmark::kMillisecond);

// The limits: the same bytes read in the same steps, then hashed as often.
void read_only(benchmark::State& state, int hashes) {
    const auto& fixture = Fixture::get();
    const auto readers = {fixture.open("a", false), fixture.open("b", false)};
    Bytes buffer(limits::drive_read_bytes);
    for (auto _ : state) {
        for (const auto& reader : readers) {
            crypto::Sha256 hash;
            const auto end = reader->header().messages_offset;
            for (auto at = reader->header().index_offset(); at < end; at += buffer.size()) {
                const auto length = std::min<std::uint64_t>(buffer.size(), end - at);
                const auto part = MutableBytes(buffer).first(length);
                io::read_exactly(reader->file(), at, part).value();
                for (int i = 0; i < hashes; ++i) hash.update(part);
            }
            benchmark::DoNotOptimize(hash.finish());
        }
    }
    count_entries(state);
}
BENCHMARK_CAPTURE(read_only, unhashed, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_only, hashed, 1)->Unit(benchmark::kMillisecond);

void find(benchmark::State& state, bool there) {
    const auto& fixture = Fixture::get();
    const auto reader = fixture.open("a", true);
    SeededRandom random(2);
    for (auto _ : state) {
        MessageKey key = fixture.keys[random.next() % entries_per_bundle];
        if (!there) key.id.bytes[20] ^= 1;
        benchmark::DoNotOptimize(reader->find(key));
    }
}
BENCHMARK_CAPTURE(find, hit, true);
BENCHMARK_CAPTURE(find, miss, false);

}  // namespace
}  // namespace wcmp::bundle
