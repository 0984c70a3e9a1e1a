// What messages cost: sealing, opening, being recognised, being named. The raw hash stands beside what is
// made of it, from the same run, so that a ratio means something on any machine.
#include "core/random.h"
#include "crypto/sha256.h"
#include "message/identify.h"
#include "message/layout.h"
#include "message/open.h"
#include "message/recognise.h"
#include "message/relay_check.h"
#include "message/seal.h"

#include <benchmark/benchmark.h>

namespace {

using namespace wcmp;
using namespace wcmp::message;

constexpr Day written{20'000};

struct Correspondence {
    SeededRandom random{1};
    SecretKey alice = SecretKey::generate(random).value();
    SecretKey bob = SecretKey::generate(random).value();
    std::vector<PublicKey> to{bob.public_key()};
    std::vector<PublicKey> contacts{alice.public_key()};

    Bytes letter(unsigned body_exp) {
        const Bytes content(content_bytes_max(body_exp), 0x61);
        return seal({.sender = &alice,
                     .receivers = to,
                     .content = content,
                     .expires = default_expiry(written, 28),
                     .body_exp = body_exp},
                    random)
            .value();
    }
};

void count_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void seal_message(benchmark::State& state) {
    Correspondence people;
    const auto body_exp = static_cast<unsigned>(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(people.letter(body_exp));
    count_bytes(state, message_bytes(body_exp, 2));
}
BENCHMARK(seal_message)->Arg(10)->Arg(14)->Arg(20);

void open_message(benchmark::State& state) {
    Correspondence people;
    const auto letter = people.letter(static_cast<unsigned>(state.range(0)));
    for (auto _ : state) {
        ReplaySet seen;
        const std::span own(&people.bob, 1);
        benchmark::DoNotOptimize(
            open(letter, own, people.contacts, {.floor = written, .trusted = written}, seen));
    }
    count_bytes(state, letter.size());
}
BENCHMARK(open_message)->Arg(10)->Arg(14)->Arg(20);

void relay_checks(benchmark::State& state) {
    Correspondence people;
    const auto letter = people.letter(static_cast<unsigned>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(relay_check(letter, {.floor = written, .trusted = written}).has_value());
    count_bytes(state, letter.size());
}
BENCHMARK(relay_checks)->Arg(10)->Arg(20);

// The work of a tag, two compressions of one block, done by the bare hash: what recognition is measured
// against.
void two_hashes_of_a_tag(benchmark::State& state) {
    crypto::Sha256 hash;
    const Bytes block(42);
    for (auto _ : state) {
        hash.update(block);
        benchmark::DoNotOptimize(hash.finish());
        hash.update(block);
        benchmark::DoNotOptimize(hash.finish());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(two_hashes_of_a_tag);

void recognition_tag(benchmark::State& state) {
    Correspondence people;
    TagKey key(people.bob.public_key());
    Digest digest;
    for (auto _ : state) {
        ++digest.bytes[0];
        benchmark::DoNotOptimize(key.to_tag(digest));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(recognition_tag);

void raw_sha256(benchmark::State& state) {
    Correspondence people;
    const auto letter = people.letter(static_cast<unsigned>(state.range(0)));
    crypto::Sha256 hash;
    for (auto _ : state) {
        hash.update(letter);
        benchmark::DoNotOptimize(hash.finish());
    }
    count_bytes(state, letter.size());
}
BENCHMARK(raw_sha256)->Arg(10)->Arg(14)->Arg(20);

void identify_message(benchmark::State& state) {
    Correspondence people;
    const auto letter = people.letter(static_cast<unsigned>(state.range(0)));
    Identifier identifier;
    for (auto _ : state) benchmark::DoNotOptimize(identifier.identify(letter));
    count_bytes(state, letter.size());
}
BENCHMARK(identify_message)->Arg(10)->Arg(14)->Arg(20);

void check_public_key(benchmark::State& state) {
    Correspondence people;
    const auto bytes = people.bob.public_key().bytes();
    for (auto _ : state) benchmark::DoNotOptimize(PublicKey::parse(bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(check_public_key);

}  // namespace
