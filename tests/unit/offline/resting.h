// A store whose relay is stopped, and what is done with it.
#pragma once

#include "offline/compact_store.h"
#include "offline/export_store.h"
#include "unit/store/test_store.h"
#include "unit/sync/side.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace wcmp::offline::test {

using store::test::first_day;
using store::test::Sample;
using store::test::today;

// Days that are dead, the last one since today.
inline constexpr std::uint32_t dead_day = today.floor.number - 1;

struct Resting {
    explicit Resting(std::uint64_t seed = 1) : store(seed), out(seed + 1000) { store.expect_open(); }

    // Bundles of their own, a few messages each.
    std::vector<Sample> hold_small(std::size_t bundles, std::size_t messages = 4) {
        std::vector<Sample> all;
        for (std::size_t i = 0; i < bundles; ++i) {
            const auto some = store.make(messages);
            store.hold(some);
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    }
    std::vector<Sample> enqueue(std::size_t count) {
        const auto some = store.make(count);
        store.enqueue(some);
        return some;
    }

    Result<CompactResult> compact() {
        store.close();
        compacted = {};
        const auto done =
            compact_store(store.disk.under(store.files.root()),
                          {.build_day = today.floor, .on_progress = on_progress, .stop = stop.get_token()},
                          {store.clock, store.random}, compacted);
        if (!done) return std::unexpected(done.error());
        return compacted;
    }

    Result<ExportResult> give() {
        store.close();
        exported = {};
        const auto from = store.disk.under(store.files.root());
        const auto to = out.root();
        const auto done = export_store(
            *from, *to, {.build_day = today.floor, .on_progress = on_progress, .stop = stop.get_token()},
            store.clock, store.random, exported);
        if (!done) return std::unexpected(done.error());
        return exported;
    }

    // What a relay finds that is started now.
    void expect_held(const std::vector<Sample>& messages, const std::string& when = "") {
        store.reopen();
        store.expect_readable(messages, when);
        store.close();
    }

    std::set<MessageKey> given() { return sync::test::held(*out.root()); }

    store::test::TestStore store;
    io::MemoryFileSystem out;
    std::function<void(const sync::Progress&)> on_progress;
    std::stop_source stop;
    CompactResult compacted;  // whatever the end
    ExportResult exported;
};

// How a disk fails in the midst of things, and at which steps: for good, or the power with it, at every one;
// once, and full, at some of them.
struct DiskFault {
    io::Fault fault;
    std::uint64_t stride;
};
inline constexpr std::array<DiskFault, 3> faults{
    {{.fault = {.os_error = EIO, .lasts = io::Fault::Lasts::all}, .stride = 1},
     {.fault = {.os_error = EIO, .lasts = io::Fault::Lasts::once}, .stride = 3},
     {.fault = {.os_error = ENOSPC, .lasts = io::Fault::Lasts::writes}, .stride = 3}}};

inline std::vector<Sample> together(std::vector<Sample> some, const std::vector<Sample>& others) {
    some.insert(some.end(), others.begin(), others.end());
    return some;
}

}  // namespace wcmp::offline::test
