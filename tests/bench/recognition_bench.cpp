// A person goes through a relay's recognition records, of which none is for any of the own keys: against the
// bare hash on all cores, two compressions of a block for each message and key.
#include "client/own_messages.h"
#include "core/writer.h"
#include "crypto/sha256.h"
#include "io/memory.h"
#include "row.h"

#include <thread>

namespace wcmp::bench {
namespace {

constexpr std::size_t tags = 4;
constexpr std::size_t page_bytes = std::size_t{256} << 10;  // of an answer of the relay
constexpr std::size_t tag_block_bytes = 42;                 // what is hashed for a tag, in one block

// One answer full of records; answers how many there are.
std::size_t make_page(SeededRandom& random, Bytes& page) {
    constexpr std::uint16_t length = 106 + 16 * tags;
    const std::size_t count = page_bytes / (length + 2);
    Writer writer(page);
    for (std::size_t i = 0; i < count; ++i) {
        writer.u16(length);
        writer.u8(1);
        writer.u8(2);
        writer.u32(20'010);
        writer.u32(2567);
        Bytes rest(length - 10);
        must(random.fill(rest));
        writer.bytes(rest);
    }
    return count;
}

double hashes_on_all_cores_s(std::size_t count) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return seconds_of([&] {
        std::vector<std::jthread> threads;
        for (std::size_t core = 0; core < cores; ++core)
            threads.emplace_back([each = count / cores] {
                crypto::Sha256 hash;
                const Bytes block(tag_block_bytes);
                for (std::size_t i = 0; i < each; ++i) {
                    hash.update(block);
                    benchmark::DoNotOptimize(hash.finish());
                }
            });
    });
}

client::Vault vault_with(std::size_t keys, io::MemoryFileSystem& files, SeededRandom& random) {
    const crypto::Argon2Cost cheap{.passes = 1, .memory_kib = 64, .lanes = 1};
    auto vault = must(client::Vault::create(files.root(), "pass", cheap, random));
    for (std::size_t i = 0; i < keys; ++i)
        vault.profile().keys.push_back(
            {.name = "key" + std::to_string(i), .secret = must(message::SecretKey::generate(random))});
    return vault;
}

void recognition(benchmark::State& state) {
    measured(state, [&] {
        const auto keys = static_cast<std::size_t>(state.range(0));
        const auto messages = scaled(static_cast<std::size_t>(state.range(1)));
        SeededRandom random(1);
        Bytes page;
        const std::size_t records = make_page(random, page);
        const std::size_t pages = messages / records + 1;
        io::MemoryFileSystem files;
        auto vault = vault_with(keys, files, random);
        client::Relay relay("/nowhere");  // nothing is for us, so nothing is asked for
        client::OwnMessages own(vault, relay, {20'000});
        std::vector<std::uint32_t> received;
        const std::size_t hashes = 2 * keys * pages * records;
        const double limit = hashes_on_all_cores_s(hashes);
        const double seconds = seconds_of([&] {
            for (std::size_t i = 0; i < pages; ++i) must(own.take(page, received));
        });
        state.counters["share"] = limit / seconds;
        state.counters["tags_per_s"] = static_cast<double>(hashes) / 2 / seconds;
        return seconds;
    });
}
BENCHMARK(recognition)
    ->Args({1, 1'000'000})
    ->Args({100, 100'000})  // a tenth of the million: what is told is a share
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wcmp::bench
