// A flood of ten times the quota, against a store that was full before: what remains is everybody's fair
// share.
#include "node/local_store.h"
#include "store/evictor.h"
#include "sync/visit.h"
#include "test_relay.h"
#include "unit/bundle/sample.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace wcmp::node::test {
namespace {

using bundle::test::Sample;

constexpr std::uint64_t flood_quota = std::uint64_t{4} << 20;
constexpr message::Today flood_today{.floor = {test_day}};
constexpr std::uint32_t flood_day = test_day + 30;
constexpr std::size_t size_classes[] = {300, 2000, 15'000};

// A store and its visits, with nothing around them that runs by itself.
class FloodedStore {
public:
    explicit FloodedStore(std::uint64_t seed) : random(seed), files_(seed) {
        store::StoreSettings settings{.store_bytes_max = flood_quota, .store_keep_free_bytes = 0};
        store::OpenReport report;
        auto opened = store::Store::open(files_.root(), settings, flood_today, {clock, random}, report);
        store = std::move(*opened);
    }

    // A drive that is read only; then the store comes back to its quota.
    sync::VisitResult visit(io::MemoryFileSystem& drive) {
        sync::VisitResult result;
        {
            LocalStore local(*store, turn_, [this](auto keys) { arrive(keys); });
            const auto folder = drive.root();
            sync::Visit visit(local, *folder, {}, flood_today, random);
            const auto done = visit.run(result, {});
            EXPECT_TRUE(done.has_value()) << describe(done.error());
        }
        const auto bound = flood_quota + store::ImportShare::capacity(store::Drawer::imports, flood_quota);
        EXPECT_LE(store->snapshot()->bytes, bound);
        evict();
        return result;
    }

    void evict() {
        store::Evictor evictor(*store, flood_today);
        for (;;) {
            const auto more = evictor.choose({});
            ASSERT_TRUE(more.has_value()) << describe(more.error());
            if (!*more) break;
            const auto done = evictor.rewrite_next({});
            ASSERT_TRUE(done.has_value()) << describe(done.error());
        }
        freed += evictor.done().freed_bytes;
        rewritten += evictor.done().rewritten_bytes;
        EXPECT_FALSE(store->is_above_quota());
    }

    std::set<MessageId> held() const {
        std::set<MessageId> ids;
        const auto snapshot = store->snapshot();
        for (const auto& bundle : snapshot->bundles) {
            std::vector<bundle::Entry> entries(bundle->header().messages);
            EXPECT_TRUE(bundle->read_entries(0, entries).has_value());
            for (const auto& entry : entries) ids.insert(entry.key.id);
        }
        return ids;
    }

    bool is_entitled(const MessageId& id) const {
        const auto state = store->state();
        return store::Ranking(state.eviction_salt).rank(id.view()) < state.eviction_threshold;
    }
    // The part of all messages that is entitled.
    double share() const { return std::ldexp(static_cast<double>(store->state().eviction_threshold), -64); }

    ManualClock clock;
    SeededRandom random;
    std::unique_ptr<store::Store> store;
    std::uint64_t freed = 0, rewritten = 0;  // bytes of messages
    std::size_t came_twice = 0;

private:
    void arrive(const std::vector<MessageKey>& keys) {
        for (const auto& key : keys) came_twice += arrived_.insert(key.id).second ? 0 : 1;
    }

    io::MemoryFileSystem files_;
    WriteTurn turn_{[] {}};
    std::set<MessageId> arrived_;
};

using Classes = std::vector<std::vector<Sample>>;

std::vector<Sample> flood_messages(SeededRandom& random, std::size_t size, std::uint64_t bytes) {
    std::vector<Sample> made;
    for (std::uint64_t sum = 0; sum + size <= bytes; sum += size)
        made.push_back(bundle::test::sample_message(random, flood_day, size));
    return made;
}

void put_on(io::MemoryFileSystem& drive, const std::vector<Sample>& messages) {
    const auto bytes = bundle::test::sample_bundle(messages);
    const auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    const auto root = drive.root();
    const auto file = root->create(name);
    ASSERT_TRUE(file && (*file)->write_at(0, bytes) && (*file)->sync() && root->sync());
}

// Full to the brim, a third of its bytes in each class.
Classes fill_up(FloodedStore& flooded) {
    Classes classes;
    io::MemoryFileSystem drive(99);
    for (const auto size : size_classes) {
        constexpr std::uint64_t with_indexes = flood_quota / 20 * 18;
        classes.push_back(flood_messages(flooded.random, size, with_indexes / 3));
        put_on(drive, classes.back());
    }
    drive.set_read_only(true);
    EXPECT_EQ(flooded.visit(drive).refused_import_share, 0U);
    EXPECT_EQ(flooded.share(), 1.0) << "it was within the quota";
    return classes;
}

// Within four standard deviations of what a draw without regard to the size gives, and nobody entitled is
// out.
void expect_fair(FloodedStore& flooded, const std::vector<Sample>& messages, std::string_view what) {
    const auto held = flooded.held();
    double kept = 0;
    for (const auto& message : messages) {
        if (!flooded.is_entitled(message.key.id)) continue;
        ++kept;
        EXPECT_TRUE(held.contains(message.key.id)) << what;
    }
    const auto all = static_cast<double>(messages.size());
    const auto expected = all * flooded.share();
    EXPECT_NEAR(kept, expected, 4 * std::sqrt(expected * (1 - flooded.share())) + 1) << what;
}

struct FloodCase {
    std::size_t size;
    std::size_t drives;
};

void check_flood(const FloodCase& flood) {
    FloodedStore flooded(flood.size + flood.drives);
    const auto old = fill_up(flooded);
    std::vector<io::MemoryFileSystem> drives;
    const auto messages = flood_messages(flooded.random, flood.size, 10 * flood_quota);
    const auto part = (messages.size() + flood.drives - 1) / flood.drives;
    for (std::size_t i = 0; i < flood.drives; ++i) {
        auto& drive = drives.emplace_back(i + 1);
        const auto first = messages.begin() + static_cast<std::ptrdiff_t>(i * part);
        put_on(drive,
               {first, first + static_cast<std::ptrdiff_t>(std::min(part, messages.size() - i * part))});
        drive.set_read_only(true);
    }
    // As long as anything comes in that its share held back.
    std::uint64_t held_back = 1;
    for (int round = 0; held_back > 0 && round < 40; ++round) {
        held_back = 0;
        for (auto& drive : drives) held_back += flooded.visit(drive).refused_import_share;
        flooded.clock.advance(std::chrono::hours(6));
    }
    EXPECT_EQ(held_back, 0U);
    // Old and new together are eleven times what there is room for; the last steps are of a fifth each.
    EXPECT_GT(flooded.share(), 0.6 / 11);
    EXPECT_LT(flooded.share(), 1.2 / 11);
    for (const auto& some : old) expect_fair(flooded, some, "old");
    expect_fair(flooded, messages, "flood");
    EXPECT_LE(flooded.rewritten, 4 * flooded.freed);
    EXPECT_EQ(flooded.came_twice, 0U);
}

TEST(Flood, OfSmallMessagesLeavesEverybodyAFairShare) {
    check_flood({.size = 400, .drives = 1});
}

TEST(Flood, OfLargeMessagesLeavesEverybodyAFairShare) {
    check_flood({.size = 60'000, .drives = 1});
}

TEST(Flood, FromTenDrivesIsNoBetterThanFromOne) {
    check_flood({.size = 3000, .drives = 10});
}

// The same drive, ten times, with time in between: what was evicted does not come back.
TEST(Flood, WhatWasEvictedDoesNotComeBack) {
    FloodedStore flooded(7);
    fill_up(flooded);
    io::MemoryFileSystem drive(1);
    put_on(drive, flood_messages(flooded.random, 2000, 3 * flood_quota));
    drive.set_read_only(true);
    std::uint64_t evicted = 0;
    for (int visit = 0; visit < 10; ++visit) {
        evicted = flooded.visit(drive).refused[static_cast<std::size_t>(message::Verdict::evicted)];
        flooded.clock.advance(std::chrono::hours(6));
    }
    EXPECT_GT(evicted, 0U);
    EXPECT_EQ(flooded.came_twice, 0U);
    // Nor a part of it at once: without time nothing beyond the quota comes in.
    for (int visit = 0; visit < 3; ++visit) flooded.visit(drive);
    const auto before = flooded.held();
    EXPECT_LE(flooded.visit(drive).imported_bytes, flood_quota / 4) << "what the last eviction made room for";
    EXPECT_EQ(flooded.came_twice, 0U);
}

// One visit brings no more than the share, whatever the drive holds; of that the lowest ranks.
TEST(Flood, OneVisitBringsNoMoreThanTheShare) {
    FloodedStore flooded(8);
    fill_up(flooded);
    io::MemoryFileSystem drive(1);
    const auto messages = flood_messages(flooded.random, 1000, 5 * flood_quota);
    put_on(drive, messages);
    drive.set_read_only(true);
    const auto room = flooded.store->room(store::Drawer::imports)->share_bytes;
    const auto result = flooded.visit(drive);
    EXPECT_LE(result.imported_bytes, room);
    EXPECT_GT(result.imported_bytes, room / 10 * 8);
    EXPECT_EQ(result.imported + result.refused_import_share, messages.size());
    EXPECT_EQ(result.refused_store_full, 0U);
    const auto held = flooded.held();
    store::Ranking ranking(flooded.store->state().eviction_salt);
    std::uint64_t highest_in = 0, lowest_out = ~std::uint64_t{0};
    for (const auto& message : messages) {
        const auto rank = ranking.rank(message.key.id.view());
        if (held.contains(message.key.id))
            highest_in = std::max(highest_in, rank);
        else
            lowest_out = std::min(lowest_out, rank);
    }
    EXPECT_LT(highest_in, lowest_out);
}

}  // namespace
}  // namespace wcmp::node::test
